"""Where in a raw disk the file system lies that can be looked into."""

from pathlib import Path

from clonebox_tui.engine import process
from clonebox_tui.engine.looks.ext4 import FileSystem
from clonebox_tui.model.problem import Code, problem

_MAGIC_AT, _MAGIC = 1024 + 56, b"\x53\xef"
"""s_magic of the superblock, ext4(5)."""


_SECTOR_BYTES = 512
"""What `partx` counts a file's sectors in."""


async def file_system(image: Path) -> FileSystem:
    """The whole disk's, or that of the partition with a system on it, else of the largest. NOT_SUPPORTED
    when none is ext2, ext3 or ext4."""
    if _is_ext(image, 0):
        return FileSystem(image)
    found = [FileSystem(image, offset) for offset in await _offsets(image) if _is_ext(image, offset)]
    for each in found:
        if await each.find("/etc/os-release") is not None:
            return each
    if found:
        return found[0]
    raise problem(
        Code.NOT_SUPPORTED,
        "The disk cannot be looked into.",
        why="No ext2, ext3 or ext4 file system was found on it.",
        next="Fork the snapshot, start the fork, and look there.",
    )


async def _offsets(image: Path) -> list[int]:
    """Where partitions begin in bytes, the largest first."""
    argv = ["partx", "--show", "--noheadings", "--output", "SECTORS,START", str(image)]
    _, said = await process.capture(argv)
    found = [line.split() for line in said.decode().splitlines()]
    ordered = sorted(((int(sectors), int(start)) for sectors, start in found), reverse=True)
    return [start * _SECTOR_BYTES for _, start in ordered]


def _is_ext(image: Path, offset: int) -> bool:
    with image.open("rb") as file:
        file.seek(offset + _MAGIC_AT)
        return file.read(len(_MAGIC)) == _MAGIC
