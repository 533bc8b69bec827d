"""The lock whose flock says that a worker lives: the kernel lets go of it with the process."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

WAIT_SECONDS = 3.0
"""A worker that is leaving holds the lock a moment longer than its socket."""


def take(path: Path, answers: Callable[[], bool]) -> int | None:
    """The descriptor that holds the lock for this process's life; None while another worker has it.

    `answers` tells whether that other one can be reached: then it is not waited for.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline or answers():
                os.close(held)
                return None
            time.sleep(0.05)
        else:
            os.ftruncate(held, 0)
            os.write(held, f"{os.getpid()}\n".encode())
            return held
