"""Write the project file as the first step of a clone, and take it back when the clone is undone."""

import asyncio
import hashlib
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
    await run.remember(**{_MEMORY: [str(path), hashlib.sha256(text.encode()).hexdigest()]})
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


async def take_back(run: StepRun) -> None:
    """Remove it, unless somebody changed it since."""
    remembered = run.memory.get(_MEMORY)
    if not isinstance(remembered, list | tuple):
        return
    await asyncio.to_thread(_remove_unchanged, Path(str(remembered[0])), str(remembered[1]))


def _remove_unchanged(path: Path, digest: str) -> None:
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest:
        path.unlink()
