"""Small files that outlive a power cut: their bytes are on disk before anything says that they are there."""

import errno
import os
from pathlib import Path

from clonebox_tui.private_files import open_private


def flush(path: Path) -> None:
    """Have a file's bytes, or a folder's names, written to disk, where its file system can."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some know this for files alone
            raise
    finally:
        os.close(descriptor)


def write_flushed(descriptor: int, content: bytes) -> None:
    """Write all of it to disk, and close."""
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_private(path: Path, content: bytes) -> None:
    """Put `content` at `path`, 0600, whole or not at all. One writer at a time: what a killed one left
    beside it is written over by the next."""
    beside = path.with_name(f".{path.name}")
    try:
        write_flushed(open_private(beside, os.O_WRONLY | os.O_TRUNC), content)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    flush(path.parent)
