"""A lock that other processes see, waited for without holding up the event loop."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

_RETRY_SECONDS = 0.2


@asynccontextmanager
async def file_lock(path: Path) -> AsyncIterator[None]:
    """Hold an exclusive lock on `path`; the file is removed afterwards."""
    while True:
        with path.open("w") as lock:
            if _locked(lock.fileno()) and _same_file(path, lock.fileno()):
                try:
                    yield
                finally:
                    path.unlink(missing_ok=True)
                return
        await asyncio.sleep(_RETRY_SECONDS)


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
