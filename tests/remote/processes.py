"""Which processes of ours lead to another host."""

import time
from pathlib import Path

_PATIENCE_SECONDS = 60.0


def ssh_processes(port: int) -> list[str]:
    """Command lines of ssh clients that lead to that port."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = place.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(port) in line and line.startswith("ssh "):
            found.append(line)
    return found


def no_ssh_process_stays(port: int) -> None:
    """Wait until none is left: each ends with whoever it served, in its own time."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while left := ssh_processes(port):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
