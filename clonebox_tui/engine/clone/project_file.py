"""Write the project file as the first step of a clone, and take it back when the clone is undone."""

import asyncio
import os
from pathlib import Path

from clonebox_tui.config import FILE_NAMES
from clonebox_tui.engine.act import StepRun
from clonebox_tui.model.problem import Code, problem

_MEMORY = "project_file"


def refuse_existing(directory: Path) -> None:
    """PLAN_STALE when the folder has a project file by now."""
    for name in FILE_NAMES:
        if (directory / name).exists():
            raise problem(
                Code.PLAN_STALE,
                f"{directory / name} appeared meanwhile",
                next="Look at it and clone again: it is then used as it stands.",
            )


async def write(directory: Path, text: str, run: StepRun) -> None:
    """Write it, never over another."""
    refuse_existing(directory)
    path = directory / FILE_NAMES[0]
    await run.remember(**{_MEMORY: [str(path)]})
    await asyncio.to_thread(_create, path, text)


def _create(path: Path, text: str) -> None:
    """A file like its neighbours, whatever the worker's umask: readable by all, the folder's owner's own."""
    owner = path.parent.stat()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o644)
        if os.geteuid() == 0:
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        file.write(text)


async def take_back(run: StepRun, text: str) -> None:
    """Remove it, also half written; not if somebody changed it since."""
    remembered = run.memory.get(_MEMORY)
    if not isinstance(remembered, list | tuple):
        return
    await asyncio.to_thread(_remove_unchanged, Path(str(remembered[0])), text.encode())


def _remove_unchanged(path: Path, written: bytes) -> None:
    if path.is_file() and written.startswith(path.read_bytes()):
        path.unlink()
