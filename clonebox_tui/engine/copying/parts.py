"""Names of half copies, and what both directions share: a whole copy takes its place by one rename.

A half copy's name stands for its source as it was, so that the next try goes on with the half copy of the
very same file and never with another's.
"""

import hashlib
from pathlib import Path

from clonebox_tui.model.problem import Code, ProblemError, problem

_NAME_LIMIT = 180  # of the 255 bytes a name may have, for the rest of a half copy's name
FOLDER_MARK = "folder-"


def part_name(name: str, *source: object) -> str:
    """The name of the half copy of `name`; `source` is all that tells whether the source is the same."""
    mark = hashlib.sha256("\0".join(map(str, source)).encode()).hexdigest()[:12]
    short = name.encode()[:_NAME_LIMIT].decode(errors="ignore")
    return f".{short}.{mark}.part"


def inside(target: str, name: str, is_folder: bool) -> str:
    """Where a copy goes: into the folder that is there already, under its own name, or to the very path."""
    return f"{target.rstrip('/')}/{name}" if is_folder else target


def sum_of_file(path: Path, length: int) -> str:
    """SHA-256 (hex) of the first `length` bytes."""
    digest, left = hashlib.sha256(), length
    with path.open("rb") as file:
        while left > 0 and (piece := file.read(min(1 << 20, left))):
            digest.update(piece)
            left -= len(piece)
    return digest.hexdigest()


def differs(name: str) -> ProblemError:
    """The copy is not what its source is."""
    return problem(
        Code.CHECKSUM_MISMATCH,
        f"The copy of {name} differs from the original.",
        why="The file was changed while it was copied, or bytes were lost on the way.",
        next="Copy it again; nothing was put in its place.",
    )


def taken(target: str) -> ProblemError:
    """A folder is not poured over another one."""
    return problem(
        Code.NAME_TAKEN,
        f"{target} is there already.",
        why="A folder is copied as a whole, and never over another one.",
        next="Name another place, or remove that one.",
    )
