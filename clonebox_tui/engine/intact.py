"""Disks are looked at before use: a base that is gone or was altered would ruin what stands on it."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from clonebox_tui.engine import process
from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.build import sha512_of
from clonebox_tui.engine.images.metadata import Metadata
from clonebox_tui.model.problem import Code, ProblemError, problem

_CLOCK_SECONDS = 5.0
"""An image is described right after it was written; a file younger than that was written again."""


class _Link(msgspec.Struct, frozen=True):
    filename: str


async def require_intact(paths: Iterable[str], whose: str) -> None:
    """IMAGE_INVALID when one of these disks, or anything it stands on, is gone, broken or was altered.

    What may not be read from here (another user's, a block device of the host) is left to libvirt.
    """
    for path in paths:
        if path.startswith("/dev/"):
            continue
        for link in await _chain(path, whose):
            await asyncio.to_thread(_require_unaltered, Path(link), whose)


async def _chain(path: str, whose: str) -> tuple[str, ...]:
    try:
        command = ["qemu-img", "info", "-U", "--backing-chain", "--output=json", path]
        output = await process.run(command)
    except ProblemError:
        return ()  # without qemu-img nothing can be said; starting needs none
    if output.code:
        if "Permission denied" in output.text:
            return ()
        raise problem(
            Code.IMAGE_INVALID,
            f"{whose} cannot be used: a disk is gone or broken.",
            why=output.lines[-1] if output.lines else f"qemu-img ended with code {output.code}",
            next="Bring that file back from where it went, then try again; nothing was changed.",
        )
    links = msgspec.json.decode(output.text, type=list[_Link])
    return tuple(os.path.join(Path(path).parent, link.filename) for link in links)  # noqa: PTH118 may be absolute


def _require_unaltered(disk: Path, whose: str) -> None:
    """A base image must be as it was described; its checksum is taken only when its date raises doubt."""
    made = metadata.read(disk.parent)
    if made is None or disk.name != metadata.DISK:
        return
    found = disk.stat()
    if found.st_size == made.size_bytes and not _written_again(disk, made):
        return
    raise problem(
        Code.IMAGE_INVALID,
        f"{whose} cannot be used: the base image {made.name} was altered.",
        why=f"{disk} is not what was written then: {found.st_size} bytes, {made.size_bytes} expected, "
        "or other contents.",
        next="Bring it back from a backup. Disks that stand on it are not safe to start without it.",
    )


def _written_again(disk: Path, made: Metadata) -> bool:
    if made.kind != "built" or disk.stat().st_mtime <= made.created_at + _CLOCK_SECONDS:
        return False
    return sha512_of(disk) != made.sha512
