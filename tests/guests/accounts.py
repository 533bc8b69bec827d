"""Accounts that tests make: all that runs as such a user is ended before the account is removed."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

_SECONDS = 60.0


def remove_account(name: str, uid: int) -> None:
    """End all processes of the user, wait until they are gone, and remove the account with its home."""
    deadline = time.monotonic() + _SECONDS
    while _end_all_of(uid):  # what still writes keeps its home from being removed
        assert time.monotonic() < deadline
        time.sleep(0.05)
    subprocess.run(["userdel", "--force", "--remove", name], check=True, capture_output=True)


def _end_all_of(uid: int) -> bool:
    """Whether there were any, but for those that only wait for their burial."""
    found = False
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
            if process.stat().st_uid == uid and state != "Z":
                found = True
                os.kill(int(process.name), signal.SIGKILL)
    return found
