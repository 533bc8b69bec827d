"""A lock that other processes see, waited for without holding up the event loop."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from clonebox_tui.engine.current_job import current_job
from clonebox_tui.model.problem import Code, problem

_RETRY_SECONDS = 0.2


@asynccontextmanager
async def file_lock(path: Path) -> AsyncIterator[None]:
    """Hold an exclusive lock on `path`, whose folder is made when missing; the file is removed afterwards."""
    while True:
        with _opened(path) as lock:
            if _locked(lock.fileno()) and _same_file(path, lock.fileno()):
                try:
                    yield
                finally:
                    await asyncio.to_thread(path.unlink, missing_ok=True)
                return
        await asyncio.sleep(_RETRY_SECONDS)


def new_workspace(store: Path, prefix: str) -> Path:
    """A new folder beside the images, so that the finished one is only renamed.

    Its name holds the id of the job it is for, by which `abandoned` finds it. Others may enter it: in a
    user namespace mmdebstrap is somebody else.
    """
    work = Path(tempfile.mkdtemp(prefix=f"{prefix}{current_job.get() or 'no-job'}-", dir=store))
    work.chmod(0o755)
    return work


def discard_abandoned(store: Path, job_id: str) -> None:
    """Remove the workspaces and locks that a job left when its worker was killed."""
    for work in store.glob(f".*ing-{job_id}-*"):
        remove_workspace(work)
    for path in store.glob(".*.lock"):
        with _opened(path) as lock:
            if _locked(lock.fileno()) and _same_file(path, lock.fileno()):
                path.unlink(missing_ok=True)


def remove_workspace(work: Path) -> None:
    """Remove it, unless something is mounted in it: then what lies there may be the host's own."""
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    inside = [mount for mount in mounts if Path(mount).is_relative_to(work.resolve())]
    if inside:
        raise problem(
            Code.PERMISSION_DENIED,
            f"{work} cannot be removed: something is mounted in it.",
            why=", ".join(inside),
            next=f"Unmount it as root (umount -R {inside[0]}), then remove that folder.",
        )
    shutil.rmtree(work, ignore_errors=True)


def _opened(path: Path) -> IO[str]:
    missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.is_dir()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o711)  # whatever the umask: QEMU's own user must get through
    return path.open("w")


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _same_file(path: Path, descriptor: int) -> bool:
    """Whether the locked file is still the one at `path`: its last holder may have removed it."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
