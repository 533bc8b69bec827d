"""`image.json`: what an image is and how it came to be; and the files that stand beside it."""

from pathlib import Path

import msgspec

from clonebox_tui.engine.images.checksum import sha512_of
from clonebox_tui.engine.images.marks import Mark
from clonebox_tui.engine.images.sources import Source
from clonebox_tui.model.image import Image

DISK = "disk.qcow2"
KERNEL = "vmlinux"
INITRD = "initrd.img"
METADATA = "image.json"


class Metadata(msgspec.Struct, frozen=True, omit_defaults=True):
    """The stored form. Sizes in bytes, times in UNIX seconds, paths relative to the image's folder."""

    name: str
    kind: str
    created_at: float
    size_bytes: int
    virtual_size_bytes: int
    sha512: str = ""
    """Of the disk as it is stored (`built`), or of the file as it was given (`imported`)."""
    kernel: str = ""
    initrd: str = ""
    command_line: str = ""
    source: str = ""
    """File name or address an imported image came from, without credentials."""
    marks: dict[str, Mark] = {}
    """By what its files are known again: name in the folder → mark. Images of older versions have none."""
    job: str = ""
    """The job that made it, which may take it back."""
    recipe_version: int = 0
    suite: str = ""
    architecture: str = ""
    packages: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()

    def image(self, folder: Path, used_by: tuple[str, ...] = ()) -> Image:
        """The image as front ends list it."""
        return Image(
            name=self.name,
            kind=self.kind,
            created_at=self.created_at,
            path=str(folder / DISK),
            size_bytes=self.size_bytes,
            virtual_size_bytes=self.virtual_size_bytes,
            bootable="kernel" if self.kernel else "disk",
            used_by=used_by,
        )


class KernelBoot(msgspec.Struct, frozen=True):
    """What a domain needs to boot an image directly."""

    kernel: Path
    initrd: Path
    command_line: str


def marks_of(folder: Path) -> dict[str, Mark]:
    """The marks of the files of an image that is complete but for its metadata; reads all of them."""
    names = (name for name in (DISK, KERNEL, INITRD) if (folder / name).exists())
    return {name: Mark.of(folder / name, sha512_of(folder / name)) for name in names}


def write(metadata: Metadata, folder: Path) -> None:
    """Write `image.json` into an image's folder."""
    text = msgspec.json.format(msgspec.json.encode(metadata), indent=2)
    (folder / METADATA).write_bytes(text + b"\n")


def read(folder: Path) -> Metadata | None:
    """The metadata in `folder`, or None when it holds no image of ours."""
    try:
        return msgspec.json.decode((folder / METADATA).read_bytes(), type=Metadata)
    except (OSError, msgspec.MsgspecError):
        return None


def kernel_boot(metadata: Metadata, folder: Path) -> KernelBoot | None:
    """How to boot the image directly; None when it brings its own boot loader."""
    if not metadata.kernel:
        return None
    return KernelBoot(folder / metadata.kernel, folder / metadata.initrd, metadata.command_line)
