"""Read a log that lies in a file of this host, with the older files it was rotated into."""

import os
from pathlib import Path

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.protocol import LogChunk


def read(path: Path, offset: int, limit_bytes: int, identity: str = "") -> LogChunk:
    """At most `limit_bytes` from `offset` (negative: from the end); reading past the end gives nothing.

    Of the file `identity`, wherever a rotation has moved it; of the newest when that one is gone.
    LOG_NOT_FOUND, PERMISSION_DENIED.
    """
    try:
        # Listed before it is read: when a newer file holds something, the older one grows no more.
        files = _files(path)
        wanted = files.get(identity, path)
        with wanted.open("rb") as file:
            found = os.fstat(file.fileno())
            start = max(0, found.st_size + offset) if offset < 0 else offset
            file.seek(start)
            data = file.read(limit_bytes)
    except FileNotFoundError as error:
        raise problem(
            Code.LOG_NOT_FOUND,
            f"There is no log at {path} yet.",
            why=str(error.strerror),
            next="Start the machine: its log begins then.",
        ) from None
    except PermissionError as error:
        raise problem(
            Code.PERMISSION_DENIED,
            f"{path} may not be read.",
            why=f"{error.strerror}: logs of the system connection belong to root (virtlogd writes them 0600)",
            next="Run as root, or use the session connection, whose logs are your own.",
        ) from None
    return LogChunk(data, start, found.st_size, _identity(found), found.st_mtime, tuple(files))


def _files(path: Path) -> dict[str, Path]:
    """The files of a log by identity, the oldest first. A new one that is empty yet is none: whoever
    writes may still hold the one before."""
    older = []
    for each in path.parent.glob(f"{path.name}.*"):
        try:
            found = each.stat()
        except OSError:
            continue  # rotated away meanwhile
        suffix = each.name.rpartition(".")[2]
        age = int(suffix) if suffix.isdecimal() else 0
        older.append((found.st_mtime_ns, -age, _identity(found), each))
    files = {identity: each for _, _, identity, each in sorted(older, key=lambda one: one[:2])}
    try:
        current = path.stat()
    except FileNotFoundError:
        return files
    if current.st_size or not files:
        files.pop(_identity(current), None)
        files[_identity(current)] = path
    return files


def _identity(found: os.stat_result) -> str:
    return f"{found.st_dev}:{found.st_ino}"
