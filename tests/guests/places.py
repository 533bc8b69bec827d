"""Folders QEMU can enter: the system daemon runs it as a user of its own, who cannot look into /root."""

import os
import shutil
import stat
from pathlib import Path


def open_to_all(folder: Path) -> bool:
    """Whether any user may walk to `folder` and read it."""
    chain = [folder, *folder.parents]
    return all(stat.S_IMODE(place.stat().st_mode) & stat.S_IXOTH for place in chain if place.exists())


def shared_folder() -> Path:
    """This user's folder for guests when the test cache itself is closed to QEMU."""
    folder = Path("/var/tmp") / f"clonebox-test-{os.getuid()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder


def make_readable(folder: Path) -> None:
    """Let every user read `folder` and what is in it."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def discard(folder: Path) -> None:
    """Remove a folder of a test, whoever QEMU's files belong to now."""
    shutil.rmtree(folder, ignore_errors=True)
