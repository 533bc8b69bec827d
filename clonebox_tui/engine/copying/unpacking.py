"""Unpack a guest's tar stream without trusting a word of it.

Python 3.11.2, Debian's, has none of tarfile's extraction filters (PEP 706): the rules of its `data` filter
are kept here. What would lie outside of the folder ends the copy; links out of it, devices and pipes are
left out.
"""

import os
import shutil
import tarfile
from pathlib import Path
from typing import IO

from clonebox_tui.model.problem import Code, ProblemError, problem


def unpack(source: IO[bytes], folder: Path) -> list[str]:
    """Make `folder` and fill it; names of what was left out. GUEST_ERROR for what may not be."""
    folder.mkdir(mode=0o700)
    left_out: list[str] = []
    modes = {folder: 0o700}
    try:
        with tarfile.open(fileobj=source, mode="r|") as archive:
            for member in archive:
                path = _inside(folder, member.name)
                if not _unpacked(archive, member, folder, path):
                    left_out.append(member.name)
                elif member.isdir():
                    modes[path] = member.mode
    except (tarfile.TarError, FileExistsError, IsADirectoryError, NotADirectoryError) as error:
        raise _refused(str(error)) from error
    for path, mode in reversed(modes.items()):  # last, since a folder may be closed to its own owner
        path.chmod(mode & 0o755 | 0o700)
    return left_out


def _unpacked(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, path: Path) -> bool:
    if member.isdir():
        path.mkdir(mode=0o700, exist_ok=True)
    elif member.isreg():
        _write(archive.extractfile(member), path, member.mode)
    elif member.issym():
        if not _leads_inside(folder, path, member.linkname):
            return False
        path.symlink_to(member.linkname)
    elif member.islnk():
        path.hardlink_to(_inside(folder, member.linkname))
    else:
        return False
    return True


def _write(content: IO[bytes] | None, path: Path, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if content is not None:
            shutil.copyfileobj(content, file)
        os.fchmod(file.fileno(), mode & 0o755 | 0o600)


def _inside(folder: Path, name: str) -> Path:
    """Where a member goes; no part of the way may be a link."""
    path = folder / os.path.normpath(name)
    parts = path.relative_to(folder).parts if path.is_relative_to(folder) else ("..",)
    if ".." in parts:
        raise _refused(f"{name} lies outside of the folder")
    for above in path.parents:
        if above == folder.parent:
            break
        if above.is_symlink():
            raise _refused(f"{name} lies behind a link")
    return path


def _leads_inside(folder: Path, path: Path, target: str) -> bool:
    goal = Path(os.path.normpath(path.parent / target))
    return not target.startswith("/") and goal.is_relative_to(folder)


def _refused(why: str) -> ProblemError:
    return problem(
        Code.GUEST_ERROR,
        "The guest's folder holds what may not be unpacked here.",
        why=why.encode(errors="backslashreplace").decode(),  # a name of the guest's may be no text
        next="Copy the files you need one by one.",
    )
