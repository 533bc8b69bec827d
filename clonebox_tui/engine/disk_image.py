"""What a disk image says of itself: its format, what it stands on, the snapshots inside it. Nothing is opened
for writing, and an image in use may be asked."""

from pathlib import Path

import msgspec

from clonebox_tui.engine import process

_LONGEST_CHAIN = 256
"""Longer chains are loops: QEMU itself fails far earlier."""


class InnerSnapshot(msgspec.Struct, frozen=True, rename="kebab"):
    """A snapshot inside a qcow2 file."""

    id: str
    name: str
    vm_state_size: int = 0


class ImageInfo(msgspec.Struct, frozen=True, rename="kebab"):
    """What `qemu-img info --output=json` says, as far as we look; sizes in bytes."""

    format: str
    virtual_size: int
    actual_size: int = 0
    backing_filename: str = ""
    full_backing_filename: str = ""
    backing_filename_format: str = ""
    snapshots: tuple[InnerSnapshot, ...] = ()


async def image_info(path: str) -> ImageInfo | None:
    """The image's own words; None when it cannot be read, or is none."""
    # -U: it may be in use. Without --backing-chain: a base that was moved away hides nothing of this one.
    _, said = await process.capture(["qemu-img", "info", "-U", "--output=json", path])
    try:
        return msgspec.json.decode(said, type=ImageInfo)
    except msgspec.MsgspecError:
        return None


def base_of(path: str, info: ImageInfo) -> str:
    """The absolute path of what the image stands on; empty for one that stands alone, or on no local file."""
    named = info.full_backing_filename or info.backing_filename
    if not named or named.startswith("json:") or "://" in named:
        return ""
    return str(Path(path).parent / named.removeprefix("file:"))


async def chain_of(path: str) -> tuple[tuple[str, ImageInfo | None], ...]:
    """The file and all it stands on, the uppermost first; a link that cannot be read is the last."""
    links: list[tuple[str, ImageInfo | None]] = []
    below = path
    while below and all(below != known for known, _ in links) and len(links) < _LONGEST_CHAIN:
        info = await image_info(below)
        links.append((below, info))
        below = base_of(below, info) if info else ""
    return tuple(links)
