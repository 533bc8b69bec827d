"""Measures folders in bounded time, and knows which of them hold secrets."""

import os
import stat
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

MAX_ENTRIES = 50_000
MAX_SECONDS = 0.8

SECRET_FOLDERS = frozenset(
    {
        ".ssh",
        ".gnupg",
        ".aws",
        ".azure",
        ".kube",
        ".docker",
        ".password-store",
        ".pki",
        "keyrings",
        ".clonebox",
    }
)


@dataclass(frozen=True)
class FolderSize:
    """Bytes on disk as `du -x` counts them; a lower bound when not everything could be looked at."""

    size_bytes: int
    is_minimum: bool


def measure(folder: Path, max_entries: int = MAX_ENTRIES, max_seconds: float = MAX_SECONDS) -> FolderSize:
    """Disk use of one file system below `folder`: no links followed, hard links counted once."""
    deadline = time.monotonic() + max_seconds
    total, seen, complete = 0, 0, True
    inodes: set[int] = set()
    pending = [str(folder)]
    device = _device(folder)
    while pending:
        listed = _entries(pending.pop())
        complete = complete and listed is not None
        for entry in listed or ():
            seen += 1
            if seen > max_entries or (seen % 256 == 0 and time.monotonic() > deadline):
                return FolderSize(total, True)
            status = _status(entry)
            if status is None or status.st_dev != device or status.st_ino in inodes:
                continue
            if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
                inodes.add(status.st_ino)
            total += status.st_blocks * 512  # st_blocks counts 512-byte units, whatever the file system
            if stat.S_ISDIR(status.st_mode):
                pending.append(entry.path)
    return FolderSize(total, not complete)


def held_back(folder: Path, home: str) -> str:
    """Why a folder should not simply be shared, "" when there is no reason."""
    if folder.name in SECRET_FOLDERS:
        return f"{folder.name} holds keys or passwords"
    inside = sorted(name for name in SECRET_FOLDERS if (folder / name).is_dir())
    if inside:
        return f"it holds {', '.join(inside)}"
    return "it is the whole home folder" if str(folder) == home else ""


def _device(folder: Path) -> int:
    try:
        return folder.stat().st_dev
    except OSError:
        return -1


def _entries(folder: str) -> list[os.DirEntry[str]] | None:
    try:
        with os.scandir(folder) as listed:
            return list(islice(listed, MAX_ENTRIES))
    except OSError:
        return None


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None
