"""Ends the programs that outlived their worker: they would go on writing what its successor undoes."""

import contextlib
import os
import signal
import time
from pathlib import Path

from clonebox_tui.engine.current_job import JOB_VARIABLE

_PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


def end_orphans(job_id: str, proc: Path = Path("/proc")) -> int:
    """Kill every program that a dead worker started for this job, wait until they are gone; how many."""
    mark = f"{JOB_VARIABLE}={job_id}".encode()
    killed: set[int] = set()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    # Again and again: one that dies may just have started another.
    while (found := _marked(proc, mark)) and time.monotonic() < deadline:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        killed.update(found)
        time.sleep(_PAUSE_SECONDS)
    return len(killed)


def _marked(proc: Path, mark: bytes) -> list[int]:
    found = []
    for folder in proc.iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):  # gone meanwhile, or another user's
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
    return found
