"""Asks apt which packages the distribution's own archive has: only those can be installed in a guest.

Formats: apt-cache(8) `policy`, with and without package names, in the C locale; os-release(5).
"""

import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from clonebox_tui.engine.detect.files import entries, small_text

TIMEOUT_SECONDS = 8
_ID = re.compile(r'^ID="?([a-z0-9._-]+)"?$', re.MULTILINE)
_FILE = re.compile(r"^\s+-?\d+ (\S.*)$")
_ORIGIN = re.compile(r"^\s+release .*?\bo=([^,]*)")
_PACKAGE = re.compile(r"^(\S+):$")
_KNOWN_DISTRIBUTIONS = ("debian", "ubuntu")


def parse_origins(text: str) -> dict[str, str]:
    """Archive line → its origin (`Debian`, `nodistro`, …), from `apt-cache policy`."""
    origins: dict[str, str] = {}
    archive = ""
    for line in text.splitlines():
        if match := _FILE.match(line):
            archive = match[1].strip()
        elif (match := _ORIGIN.match(line)) and archive:
            origins.setdefault(archive, match[1])
    return origins


def parse_policy(text: str) -> dict[str, frozenset[str]]:
    """Package → the archive lines that have some version of it, from `apt-cache policy NAME…`."""
    found: dict[str, set[str]] = {}
    name = ""
    for line in text.splitlines():
        if match := _PACKAGE.match(line):
            name = match[1]
            found[name] = set()
        elif name and (match := re.match(r"^ {8,}-?\d+ (\S.*)$", line)):
            found[name].add(match[1].strip())
    return {name: frozenset(archives - {"/var/lib/dpkg/status"}) for name, archives in found.items()}


def installable(
    names: Iterable[str], policy: Mapping[str, frozenset[str]], origins: Mapping[str, str], distribution: str
) -> frozenset[str]:
    """Those of `names` that an archive of `distribution` has (of any archive for a derived one)."""
    own = {
        archive
        for archive, origin in origins.items()
        if distribution not in _KNOWN_DISTRIBUTIONS or origin.casefold().startswith(distribution)
    }
    return frozenset(name for name in names if policy.get(name, frozenset()) & own)


def read_installable(names: Iterable[str], root: Path) -> frozenset[str] | None:
    """Those of `names` that a fresh guest can install; None when apt's lists are not there to tell."""
    wanted = sorted(set(names))
    lists = entries(root / "var/lib/apt/lists")
    if not wanted or not any(path.name.endswith("Release") for path in lists):
        return None
    policy, origins = _policy(root, wanted), _policy(root, [])
    match = _ID.search(small_text(root / "etc/os-release"))
    if not policy or not origins:
        return None
    return installable(wanted, parse_policy(policy), parse_origins(origins), match[1] if match else "")


def _policy(root: Path, names: list[str]) -> str:
    command = ["apt-cache", "-o", f"Dir={root}", "policy", *names]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
