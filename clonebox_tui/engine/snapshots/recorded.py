"""What a guest's agent tells of its system when a snapshot is taken, for comparing where no disk can be read.

A courtesy: bounded in size and time, and nothing of it can make a snapshot fail.
"""

import asyncio
import zlib
from collections.abc import Iterable, Mapping

import msgspec

from clonebox_tui.engine.act import StepRun
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.store.system_facts import SystemFactsStore

ASKED_SECONDS = 10.0
MOST_BYTES = 2 << 20
"""Of what the guest says; some 20 000 packages. It is kept packed, about a fifth of that."""

SAME_SECONDS = 600.0
"""Facts are noted just before their snapshot. One much older or younger only has the name of theirs."""

_END = "== "
# Each part ends with its name, if it could be read. Services are as the disk shows them: links that start a
# unit at boot, and units that are masked by a link to /dev/null.
_SCRIPT = """dpkg-query -W -f='${Package} ${Version} ${db:Status-Status}\\n' && echo '== packages'
cat /etc/passwd && echo '== users'
df -kP / && echo '== used'
cd /etc/systemd/system || exit 0
for unit in *.wants/* *.requires/*; do [ -L "$unit" ] && echo "${unit##*/} enabled"; done
for unit in *; do [ -L "$unit" ] && [ -c "$unit" ] && echo "$unit masked"; done
echo '== services'"""
_DELETING = ("machine.delete", "trash.purge")


class SystemFacts(msgspec.Struct, frozen=True):
    """What a system is made of at a moment (UNIX seconds); None is what it does not tell."""

    noted_at: float
    packages: dict[str, str] | None = None
    services: dict[str, str] | None = None
    users: dict[str, str] | None = None
    used_bytes: int | None = None


class Recorded:
    """What is known of snapshots. Without a store nothing is kept."""

    def __init__(self, store: SystemFactsStore | None = None) -> None:
        self._store = store
        self._forgetting: set[asyncio.Task[None]] = set()

    async def note(
        self, agent: Agent, machine: str, name: str, others: Iterable[str], now: float, run: StepRun
    ) -> None:
        """Ask the guest, and keep what it says for the snapshot `name` that is taken next; `others` are the
        machine's snapshots by then. Why it could not be done is logged."""
        if self._store is None:
            return
        run.progress("noting packages, services and users")
        try:
            facts = await ask(agent, now)
            await self._store.drop_others(machine, {*others, name})
            await self._store.keep(machine, name, zlib.compress(msgspec.json.encode(facts)))
        except ProblemError as error:
            run.log(f"Packages, services and users were not noted: {error.problem.what}")
        except TimeoutError:
            run.log(f"Packages, services and users were not noted within {ASKED_SECONDS:g} s.")

    async def of(self, machine: str, snapshot: Snapshot) -> SystemFacts | None:
        """What was noted when a snapshot was taken."""
        kept = await self._store.of(machine, snapshot.name) if self._store else None
        if kept is None:
            return None
        try:
            facts = msgspec.json.decode(zlib.decompress(kept), type=SystemFacts)
        except (zlib.error, msgspec.MsgspecError):
            return None
        return facts if abs(snapshot.created_at - facts.noted_at) < SAME_SECONDS else None

    async def forget(self, machine: str, names: Iterable[str]) -> None:
        """These snapshots are gone."""
        if self._store is not None:
            await self._store.drop(machine, names)

    def job_changed(self, job: Job) -> None:
        """A machine that is gone for good leaves nothing here."""
        if self._store is not None and job.act in _DELETING and job.state is JobState.SUCCEEDED:
            task = asyncio.ensure_future(self._store.drop_others(job.machine, ()))
            self._forgetting.add(task)
            task.add_done_callback(self._forgotten)

    def _forgotten(self, task: "asyncio.Task[None]") -> None:
        self._forgetting.discard(task)
        if not task.cancelled():
            task.exception()  # a store that cannot be written: the facts stay, and nobody finds them


async def ask(agent: Agent, now: float) -> SystemFacts:
    """What a running guest says now. AGENT_UNAVAILABLE, GUEST_ERROR; TimeoutError."""
    async with asyncio.timeout(ASKED_SECONDS):
        said = await execution.run(agent, ["sh", "-c", _SCRIPT], timeout_seconds=ASKED_SECONDS)
    if said.timed_out:
        raise TimeoutError
    return parsed(said.stdout[:MOST_BYTES].decode(errors="replace"), now)


def parsed(text: str, now: float) -> SystemFacts:
    """The parts of what the script printed."""
    from clonebox_tui.engine.looks.facts import users

    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith(_END):
            parts.setdefault(line.removeprefix(_END), lines)
            lines = []
        else:
            lines.append(line)
    packages, services = parts.get("packages"), parts.get("services")
    return SystemFacts(
        now,
        None if packages is None else _installed(packages),
        None if services is None else dict(_pairs(services)),
        users("\n".join(parts["users"])) if "users" in parts else None,
        _used(parts.get("used", ())),
    )


def _installed(lines: Iterable[str]) -> dict[str, str]:
    words = [line.split(" ") for line in lines]
    return {each[0]: each[1] for each in words if len(each) == 3 and each[2] == "installed"}


def _pairs(lines: Iterable[str]) -> Mapping[str, str]:
    words = (line.rpartition(" ") for line in lines)
    return {name: state for name, _, state in words if name}


def _used(lines: Iterable[str]) -> int | None:
    """The third column of df(1)'s second line, in KiB."""
    words = [line.split() for line in lines][1:2]
    return int(words[0][2]) * 1024 if words and len(words[0]) > 2 and words[0][2].isdigit() else None
