"""A finished image is shown by one rename, once it is on disk: a crash of the host cannot halve it."""

from pathlib import Path

from clonebox_tui.engine.durable import flush


def publish(image: Path, target: Path) -> None:
    """Flush every file of the folder `image`, rename it to `target`, flush that too."""
    for path in (*image.iterdir(), image):
        flush(path)
    image.rename(target)
    flush(target.parent)
