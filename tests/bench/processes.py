"""What a process costs: CPU to the nanosecond and memory, straight from /proc so that reading is cheap."""

import contextlib
import os
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """CPU time of a process's threads, user and system together (proc(5), schedstat: nanoseconds).

    Threads that have ended are only in `stat`, which counts in ticks; the greater one is nearer.
    """
    running = 0
    try:
        for task in (_PROC / str(pid) / "task").iterdir():
            with contextlib.suppress(OSError):
                running += int((task / "schedstat").read_text().split()[0])
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # Fields 14 and 15 of proc(5); two stand before the closing parenthesis. A tick is rounded down.
    ticked = (int(fields[11]) + int(fields[12])) / _TICKS
    return max(running / 1e9, ticked)


def parsed_memory(text: str) -> dict[str, int]:
    """Bytes by name out of `smaps_rollup` or `status` (lines `Name:  123 kB`)."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if len(words) == 2 and words[1] == "kB":
            found[name] = int(words[0]) * 1024
    return found


def memory(pid: int) -> dict[str, int]:
    """`Rss` and `Pss` of a process in bytes; Pss shares out what several processes map."""
    return parsed_memory((_PROC / str(pid) / "smaps_rollup").read_text())


def children(pid: int) -> list[int]:
    """Living processes below `pid`."""
    found: list[int] = []
    for task in (_PROC / str(pid) / "task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *children(child)]
    return found
