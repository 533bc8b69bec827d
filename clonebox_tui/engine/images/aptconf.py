"""The host's own way to its package archives (proxy, relaxed dates), as far as an image may take it over."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from clonebox_tui.engine.process import run

# Settings that decide whether the archives can be reached at all; everything else stays the host's.
_TAKEN = re.compile(
    r"^(Acquire::(?:https?::Proxy|https?::Pipeline-Depth|Check-Valid-Until|Check-Date|Retries)) \"(.*)\";$",
    re.IGNORECASE,
)


async def host_acquire() -> tuple[str, ...]:
    """The host's settings as lines of apt.conf(5), credentials included."""
    output = await run(["apt-config", "dump"])
    return tuple(f'{m[1]} "{m[2]}";' for m in map(_TAKEN.match, output.lines) if m and m[2])


def guest_lines(acquire: Iterable[str]) -> str:
    """Those that mean the same inside a guest: no proxy with credentials, none on the host's loopback."""
    return "".join(f"{line}\n" for line in acquire if not _private(line))


def secrets(acquire: Iterable[str]) -> tuple[str, ...]:
    """Credentials inside `acquire`, to be kept out of every message."""
    found = (_proxy(line) for line in acquire)
    return tuple(url.netloc.rpartition("@")[0] for url in found if "@" in url.netloc)


def _private(line: str) -> bool:
    url = _proxy(line)
    return "@" in url.netloc or url.hostname in {"localhost", "127.0.0.1", "::1"}


def _proxy(line: str) -> SplitResult:
    match = _TAKEN.match(line)
    return urlsplit(match[2] if match and match[1].lower().endswith("::proxy") else "")
