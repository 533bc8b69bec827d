"""Where copies of disks lie while they are looked at, and which are forgotten: old ones, and of the dead."""

import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Collection
from pathlib import Path

from clonebox_tui.model.places import Places

KEPT = 4
"""Copies of snapshots that are kept for the next look."""
_ABANDONED_SECONDS = 3600.0
_HALF = re.compile(r".*-(\d+)-[0-9a-z_]+\.(part|live|work)")


def looks_folder(places: Places) -> Path:
    """Private to the user, made when it is missing."""
    folder = places.cache / "looks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def live_folder(places: Places, connection: str) -> Path:
    """Where QEMU, which may be a user of its own, can write a copy of a running machine's disk."""
    folder = places.images(connection) / "looks"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
    return folder


def half_name(stem: str, kind: str) -> str:
    """A name that says which process it belongs to; `kind` is `part`, `live` or `work`."""
    return f"{stem}-{os.getpid()}-{secrets.token_hex(4)}.{kind}"


def forget_old(folder: Path, in_use: Collection[Path]) -> None:
    """Keep the newest copies and those in use; remove what workers that died left half done."""
    copies = sorted(folder.glob("*.raw"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in copies[KEPT:]:
        if path not in in_use:
            path.unlink(missing_ok=True)
    _forget_halves(folder)


def forget_halves(places: Places, connection: str) -> None:
    """Remove what workers that died left half done; a running machine's disk, whole, may be among it."""
    for folder in (places.cache / "looks", places.images(connection) / "looks"):
        with contextlib.suppress(OSError):  # there is none, or it is another user's
            _forget_halves(folder)


def _forget_halves(folder: Path) -> None:
    for path in folder.iterdir():
        half = _HALF.fullmatch(path.name)
        if half and (not _alive(int(half[1])) or time.time() - path.stat().st_mtime > _ABANDONED_SECONDS):
            _remove(path)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
