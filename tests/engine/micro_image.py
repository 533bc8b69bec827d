"""The micro guest as a base image of a bench's own store: a clone of it boots in seconds."""

import shutil
import time
from pathlib import Path

from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.metadata import Metadata
from tests.guests.micro import MicroGuest

NAME = "micro"


def micro_image(images: Path, guest: MicroGuest, disk: Path) -> Path:
    """The folder of a new image in the store `images`, with marks of its disk, kernel and initrd."""
    folder = images / NAME
    folder.mkdir(parents=True)
    for each in (images, folder):
        each.chmod(0o755)
    for source, name in (
        (disk, metadata.DISK),
        (guest.kernel, metadata.KERNEL),
        (guest.initrd, metadata.INITRD),
    ):
        shutil.copyfile(source, folder / name)
        (folder / name).chmod(0o444)
    made = Metadata(
        NAME,
        "built",
        time.time(),
        size_bytes=(folder / metadata.DISK).stat().st_size,
        virtual_size_bytes=64 * 1024**2,
        kernel=metadata.KERNEL,
        initrd=metadata.INITRD,
        command_line=guest.command_line,
        marks=metadata.marks_of(folder),
    )
    metadata.write(made, folder)
    return folder
