"""Logs by name, and their lines as they travel to a front end."""

import msgspec

ALL = "all"
CLOUD_INIT, JOURNAL, WORKER = "cloud-init", "journal", "worker"
FILE, JOB = "file:", "job:"
"""How the names of a guest's file and of a job's log begin."""


def is_provided(source: str) -> bool:
    """Whether the machine's provider keeps it (`serial`, `qemu`), and nobody else need be asked."""
    return source not in (ALL, CLOUD_INIT, JOURNAL, WORKER) and not source.startswith((FILE, JOB))


class LogLine(msgspec.Struct, frozen=True, array_like=True):
    """One line: UNIX seconds when this program read it (None: it was there before), and its text,
    with control sequences removed, at most 4 096 characters."""

    time: float | None
    text: str
    source: str = ""
    """Which log it is from, where several are read at once."""
