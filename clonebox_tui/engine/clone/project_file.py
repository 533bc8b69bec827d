"""Write the project file as the first step of a clone, and take it back when the clone is undone."""

import asyncio
import hashlib
import os
from pathlib import Path

from clonebox_tui.config import FILE_NAMES
from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.durable import flush, write_flushed
from clonebox_tui.model.problem import Code, problem

_MEMORY = "project_file"


def refuse_existing(directory: Path) -> None:
    """PLAN_STALE when the folder has a project file by now."""
    for name in FILE_NAMES:
        if (directory / name).exists():
            raise problem(
                Code.PLAN_STALE,
                f"{directory / name} appeared meanwhile.",
                next="Look at it and clone again: it is then used as it stands.",
            )


async def write(directory: Path, text: str, run: StepRun) -> None:
    """Write it, never over another: whole under a name of the job's own first, then by its real one."""
    refuse_existing(directory)
    path = directory / FILE_NAMES[0]
    await run.remember(**{_MEMORY: [str(path), _digest(text.encode())]})
    await asyncio.to_thread(_create, path, _beside(path, run.job_id), text)


def _beside(path: Path, job_id: str) -> Path:
    return path.with_name(f"{path.name}.job-{job_id}")


def _create(path: Path, beside: Path, text: str) -> None:
    """A file like its neighbours, whatever the worker's umask: readable by all, the folder's owner's own."""
    owner = path.parent.stat()
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    write_flushed(descriptor, text.encode())
    beside.chmod(0o644)
    if os.geteuid() == 0:
        os.chown(beside, owner.st_uid, owner.st_gid)
    try:
        os.link(beside, path)
    except FileExistsError:
        refuse_existing(path.parent)
        raise
    except OSError:
        # Some file systems know no links; a rename there could only hit what appeared this very moment.
        refuse_existing(path.parent)
        beside.rename(path)
    else:
        beside.unlink()
    flush(path.parent)


async def take_back(run: StepRun) -> None:
    """Remove it, also half written; not if somebody changed it since."""
    remembered = run.memory.get(_MEMORY)
    if not isinstance(remembered, list | tuple) or len(remembered) != 2:
        return
    path, digest = map(str, remembered)
    await asyncio.to_thread(_remove_unchanged, Path(path), digest, run.job_id)


def _remove_unchanged(path: Path, digest: str, job_id: str) -> None:
    _beside(path, job_id).unlink(missing_ok=True)
    if path.is_file() and _digest(path.read_bytes()) == digest:
        path.unlink()


def _digest(content: bytes) -> str:
    # The text itself is kept nowhere: it may hold what is for its readers alone.
    return hashlib.sha256(content).hexdigest()
