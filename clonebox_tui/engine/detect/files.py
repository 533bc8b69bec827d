"""Reads small files of a host that may be missing, huge, unreadable or odd."""

from pathlib import Path

MAX_SMALL_BYTES = 64 * 1024


def small_text(path: Path, limit_bytes: int = MAX_SMALL_BYTES) -> str:
    """The first bytes of a file as text; "" when it is not there or may not be read."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(limit_bytes).decode("utf-8", "replace")
    except OSError:
        return ""


def under(root: Path, path: str) -> Path:
    """Where the host's absolute `path` lies below `root`."""
    return root / path.lstrip("/")


def entries(folder: Path) -> list[Path]:
    """What a folder holds, by name; nothing when it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
