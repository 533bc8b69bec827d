"""When a line was written, where it says so itself: logs are merged by it."""

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from clonebox_tui.model.log import LogLine

_ISO = re.compile(
    r"^\W{0,2}(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|UTC|[+-]\d\d:?\d\d)?"
)
_CLOUD_INIT = re.compile(r" at \w{3}, (\d\d \w{3} \d{4} \d\d:\d\d:\d\d) \+0000")
_SINCE_BOOT = re.compile(r"^\s*\[\s*(\d+\.\d+)\]")


def stamp(moment: float) -> str:
    """A moment as it begins a line: UTC, to the millisecond."""
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(moment))}.{int(moment % 1 * 1000):03d}Z"


def moment_of(text: str, booted_at: float | None) -> float | None:
    """What a line says of its own time (UNIX seconds); without a zone it is taken as UTC."""
    try:
        if found := _ISO.match(text):
            day, clock, fraction, zone = found.groups()
            zone = "+00:00" if zone in (None, "Z", "UTC") else zone
            return datetime.fromisoformat(f"{day}T{clock}{zone}").timestamp() + float(f"0.{fraction or 0}")
        if found := _CLOUD_INIT.search(text):
            return datetime.strptime(found[1], "%d %b %Y %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return None
    found = _SINCE_BOOT.match(text)
    return booted_at + float(found[1]) if found and booted_at is not None else None


def timed(lines: Sequence[LogLine], changed_at: float | None = None) -> list[LogLine]:
    """The lines with the times they tell; one that tells none stands by the line before it (the first
    ones by the first that does), so that what belongs together stays together.

    `changed_at`: when the last one was written. What counts from a boot is counted back from it, since
    nobody knows when a guest booted that was paused or restored.
    """
    boots = _boots(lines, changed_at)
    told = (moment_of(line.text, boot) or line.time for line, boot in zip(lines, boots, strict=True))
    found = [replace(line, time=moment) for line, moment in zip(lines, told, strict=True)]
    last = next((line.time for line in found if line.time is not None), changed_at)
    placed = []
    for line in found:
        last = line.time if line.time is not None else last
        placed.append(line if line.time == last else replace(line, time=last))
    return placed


def _boots(lines: Sequence[LogLine], changed_at: float | None) -> list[float | None]:
    """When each line's guest had booted; None for lines of an earlier boot, and where it cannot be told."""
    boots: list[float | None] = [None] * len(lines)
    after: float | None = None
    for at in range(len(lines) - 1, -1, -1):
        stamp_found = _SINCE_BOOT.match(lines[at].text)
        if stamp_found is None or changed_at is None:
            continue
        seconds = float(stamp_found[1])
        if after is None:
            changed_at -= seconds
        elif seconds > after:
            break
        after, boots[at] = seconds, changed_at
    return boots
