"""The machine's disk: a thin layer over a base image, checked against what the host has left."""

import shutil
from pathlib import Path

from clonebox_tui.engine import process
from clonebox_tui.model.environment import GIBIBYTE, MEBIBYTE
from clonebox_tui.model.problem import Code, problem

LEAST_FREE_BYTES = 2 * GIBIBYTE
"""What a fresh machine writes before it is ready: packages and logs; a fuller host would pause it."""


def create_command(base: Path, base_format: str, disk: Path, size_bytes: int) -> tuple[str, ...]:
    """The qemu-img line that makes the layer."""
    backing = ("-F", base_format, "-b", str(base))
    return ("qemu-img", "create", "-q", "-f", "qcow2", *backing, str(disk), str(size_bytes))


def refuse_full(folder: Path, wanted_bytes: int = LEAST_FREE_BYTES) -> None:
    """DISK_FULL, with figures, when the file system of `folder` (it need not exist yet) has less left."""
    place = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    free = shutil.disk_usage(place).free
    if free < wanted_bytes:
        raise problem(
            Code.DISK_FULL,
            f"{place} has {_amount(free)} left, and {_amount(wanted_bytes)} are needed.",
            next="Remove machines, snapshots or images that are not needed, or make room otherwise.",
        )


async def create_layer(base: Path, base_format: str, disk: Path, size_bytes: int) -> None:
    """Make the layer; TOOL_MISSING without qemu-img, DISK_FULL or IMAGE_INVALID with its own words."""
    output = await process.run(create_command(base, base_format, disk, size_bytes))
    if output.code:
        full = "No space left" in output.text
        raise problem(
            Code.DISK_FULL if full else Code.IMAGE_INVALID,
            f"The disk {disk} could not be made.",
            why=output.text,
            next="Make room for it." if full else "Check the base image: `clonebox-tui image list`.",
        )


def _amount(size_bytes: int) -> str:
    small = size_bytes < GIBIBYTE / 10
    return f"{size_bytes / MEBIBYTE:.0f} MiB" if small else f"{size_bytes / GIBIBYTE:.1f} GiB"
