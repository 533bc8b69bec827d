"""What a clone needs of a base image, whoever keeps the images."""

from typing import Protocol

import msgspec

from clonebox_tui.engine.act import StepRun
from clonebox_tui.model.spec import Boot


class Base(msgspec.Struct, frozen=True):
    """A base image that is there. Without `boot` the disk brings its own boot loader."""

    name: str
    disk: str
    """Absolute path of its disk."""
    format: str = "qcow2"
    boot: Boot | None = None


class Bases(Protocol):
    """The base images of each connection."""

    async def find(self, connection: str, wanted: str | None) -> Base | None:
        """The image of that name or path; None for the standard one that must be built first.
        IMAGE_NOT_FOUND for another that is not there."""

    async def build(self, connection: str, run: StepRun) -> Base:
        """Build the standard image, telling progress; a cancel or failure leaves nothing of it."""

    async def standard_name(self, connection: str) -> str:
        """The name the standard image has, or will have."""
