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


class _Specific(msgspec.Struct, frozen=True, rename="kebab"):
    data_file: str = ""


class _Specifics(msgspec.Struct, frozen=True):
    data: _Specific = _Specific()


class ImageInfo(msgspec.Struct, frozen=True, rename="kebab"):
    """What `qemu-img info --output=json` says, as far as we look; sizes in bytes."""

    format: str
    virtual_size: int
    actual_size: int = 0
    backing_filename: str = ""
    full_backing_filename: str = ""
    backing_filename_format: str = ""
    snapshots: tuple[InnerSnapshot, ...] = ()
    format_specific: _Specifics = _Specifics()

    @property
    def data_file(self) -> str:
        """The other file that holds the data, where this one only says what lies where."""
        return self.format_specific.data.data_file


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
    named = _file_in(info.full_backing_filename or info.backing_filename)
    return "" if not named or "://" in named else str(Path(path).parent / named)


def _file_in(named: str) -> str:
    """The file in a name as QEMU writes it: plain, `file:`, or options as JSON; empty for what is none."""
    if not named.startswith("json:"):
        return named.removeprefix("file:")
    try:
        options = msgspec.json.decode(named.removeprefix("json:"))
    except msgspec.DecodeError:
        return ""
    return _file_of(options)


def _file_of(options: object) -> str:
    """Layers of options, the file innermost: `file` in `file`, or names with dots for the same."""
    if not isinstance(options, dict):
        return ""
    found = next((text for key, text in options.items() if key.rpartition(".")[2] == "filename"), "")
    return str(found) if found else _file_of(options.get("file"))


Seen = dict[str, ImageInfo | None]
"""What files said that were asked already: many chains end in the same few, and each costs a program."""


async def chain_of(path: str, seen: Seen | None = None) -> tuple[tuple[str, ImageInfo | None], ...]:
    """The file and all it stands on, the uppermost first; a link that cannot be read is the last."""
    asked: Seen = {} if seen is None else seen
    links: list[tuple[str, ImageInfo | None]] = []
    below = path
    while below and all(below != known for known, _ in links) and len(links) < _LONGEST_CHAIN:
        if below not in asked:
            asked[below] = await image_info(below)
        info = asked[below]
        links.append((below, info))
        below = base_of(below, info) if info else ""
    return tuple(links)
