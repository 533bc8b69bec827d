"""A finished image is shown by one rename, once it is on disk: a crash of the host cannot halve it."""

import os
from pathlib import Path


def publish(image: Path, target: Path) -> None:
    """Flush every file of the folder `image`, rename it to `target`, flush that too."""
    for path in (*image.iterdir(), image):
        _flush(path)
    image.rename(target)
    _flush(target.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
