"""Install the chosen packages in the guest, told package by package; what cannot be had is named.

By the agent and not by cloud-init: its progress can be shown and its errors are exact. apt's own status
lines are described in its source, README.progress-reporting.
"""

import re
from collections.abc import Sequence

from clonebox_tui.engine.act import StepRun
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.streaming import stream

UPDATE_SECONDS = 900.0
INSTALL_SECONDS = 7200.0
_APT = (
    *("env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get", "-q", "-y"),
    *("-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-confold", "-o", "Acquire::Retries=3"),
)
_INSTALL = ("install", "--no-install-recommends")
_ABSENT = re.compile(
    r"^E: (?:Unable to locate package|Couldn't find any package by (?:glob|regex)) '?([^\s']+)'?$"
    r"|^E: Package '([^']+)' has no installation candidate$",
    re.MULTILINE,
)
_STATUS = r"^pmstatus:([^:]+)(?::[a-z0-9]+)?:[\d.]+:"
_UNPACKING = re.compile(_STATUS + "Unpacking ", re.MULTILINE)
_INSTALLED = re.compile(_STATUS + "Installed ", re.MULTILINE)
_FETCHED = re.compile(r"^dlstatus:\d+:([\d.]+):", re.MULTILINE)
_SHOWN_LINES = 3


async def install(agent: Agent, wanted: Sequence[str], run: StepRun) -> tuple[str, ...]:
    """Install what is missing of `wanted`; a sentence for each package that cannot be had.

    Reading package lists costs an emulated guest half a minute: those that the image brought are used
    first, and fetched anew only when a package or its file is not found by them.
    """
    missing = await not_installed(agent, wanted)
    if not missing:
        return ()
    lacks: tuple[str, ...] = ()
    if await _has_lists(agent):
        lacks = await _try(agent, missing, run)
        if not lacks:
            return ()
        run.log("With the image's package lists this could not be had, so they are read anew.")
    run.progress("reading package lists")
    updated = await execution.run(agent, [*_APT, "update"], timeout_seconds=UPDATE_SECONDS)
    if updated.exit_code:
        why = f"no package lists: {_complaint(updated)}"
        return lacks or tuple(f"package {name}: {why}" for name in missing)
    return await _try(agent, await not_installed(agent, missing), run)


async def _try(agent: Agent, missing: Sequence[str], run: StepRun) -> tuple[str, ...]:
    """Install what these package lists have; a sentence for each that is still missing."""
    run.progress("looking for packages")
    possible, lacks, count = await _possible(agent, missing)
    if possible:
        code, words = await _install(agent, possible, count, run)
        if code:
            run.log(f"apt-get ended with {code}: {words}")
            left = await not_installed(agent, possible)
            lacks += [f"package {name}: {words}" for name in left]
    return tuple(lacks)


async def _has_lists(agent: Agent) -> bool:
    found = await execution.run(agent, ["sh", "-c", "ls /var/lib/apt/lists | grep -q _Packages"])
    return found.exit_code == 0


async def not_installed(agent: Agent, names: Sequence[str]) -> tuple[str, ...]:
    """Those of `names` that dpkg does not have installed."""
    if not names:
        return ()
    query = ["dpkg-query", "-W", "-f", "${Package} ${Package}:${Architecture} ${db:Status-Status}\n"]
    listing = await execution.run(agent, query)
    installed: set[str] = set()
    for line in listing.text.splitlines():
        *spellings, status = line.split()
        if status == "installed":
            installed.update(spellings)
    return tuple(name for name in names if name not in installed)


async def _possible(agent: Agent, names: Sequence[str]) -> tuple[list[str], list[str], int]:
    """What apt can install together, why not for the rest, and how many packages that makes."""
    left, lacks = list(names), list[str]()
    while left:
        trial = await execution.run(agent, [*_APT, *_INSTALL, "-s", *left], timeout_seconds=300)
        if not trial.exit_code:
            return left, lacks, sum(line.startswith("Inst ") for line in trial.text.splitlines())
        words = trial.stderr.decode(errors="replace")
        absent = absent_packages(words) & set(left)
        if not absent:
            return [], lacks + [f"package {name}: {_complaint(trial)}" for name in left], 0
        lacks += [f"package {name}: the guest's package sources do not have it" for name in sorted(absent)]
        left = [name for name in left if name not in absent]
    return [], lacks, 0


async def _install(agent: Agent, names: Sequence[str], count: int, run: StepRun) -> tuple[int, str]:
    """Exit code, and the last words when it is not 0."""
    run.log(f"  apt installs {count} packages for these: {' '.join(names)}")
    follower = PackageFollower(run, count)
    result = await stream(
        agent,
        [*_APT, "-o", "APT::Status-Fd=1", *_INSTALL, *names],
        follower.heard,
        timeout_seconds=INSTALL_SECONDS,
    )
    return result.exit_code, follower.last_words


def absent_packages(words: str) -> set[str]:
    """The names in apt's complaints about packages it does not have."""
    return {name for found in _ABSENT.findall(words) for name in found if name}


class PackageFollower:
    """Turns what apt says into progress, and keeps its last complaints."""

    def __init__(self, run: StepRun, count: int) -> None:
        self._run = run
        self._count = count
        self._rest = ""
        self._unpacked: set[str] = set()
        self._installed: set[str] = set()
        self._complaints: list[str] = []

    async def heard(self, name: str, data: bytes) -> None:
        """Take in what came on `stdout` (status lines) or `stderr`."""
        if name == "stderr":
            lines = data.decode(errors="replace").splitlines()
            self._complaints = [*self._complaints, *filter(None, lines)][-_SHOWN_LINES:]
            return
        *lines, self._rest = (self._rest + data.decode(errors="replace")).split("\n")
        text = "\n".join(lines)
        self._unpacked.update(_UNPACKING.findall(text))
        for package in _INSTALLED.findall(text):
            if package not in self._installed:
                self._installed.add(package)
                self._run.log(f"  installed {package}")
        fetched = _FETCHED.findall(text)
        if self._installed:
            self._run.progress("installing packages", len(self._installed), self._count, "packages")
        elif self._unpacked:
            self._run.progress("unpacking packages", len(self._unpacked), self._count, "packages")
        elif fetched:
            self._run.progress("fetching packages", float(fetched[-1]), 100, "percent")

    @property
    def last_words(self) -> str:
        """The last complaints, in one line."""
        return " ".join(self._complaints)


def _complaint(result: execution.ExecResult) -> str:
    if result.timed_out:
        return "it took too long"
    lines = [line for line in result.stderr.decode(errors="replace").splitlines() if line.startswith("E: ")]
    return " ".join(lines[-_SHOWN_LINES:]) or result.complaint
