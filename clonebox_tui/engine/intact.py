"""Disks and kernels are looked at before use: a base that is gone or was altered ruins what stands on it."""

import asyncio
import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import msgspec

from clonebox_tui.engine import process
from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.checksum import sha512_of
from clonebox_tui.engine.images.metadata import Metadata
from clonebox_tui.engine.standing import require_same_base
from clonebox_tui.model.machine import MachineDetails
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.protocol import Provider

_CLOCK_SECONDS = 5.0
"""An image is described right after it was written; a file younger than that was written again."""


class _Link(msgspec.Struct, frozen=True):
    filename: str


async def require_machine_intact(provider: Provider, details: MachineDetails) -> None:
    """IMAGE_INVALID when a disk of a machine of this very host, what it stands on, or what it boots from is
    gone, broken or was altered."""
    machine = details.machine
    if not machine.connection.startswith("qemu:///"):
        return
    disks = [disk.path for disk in details.disks if disk.path.startswith("/") and not disk.readonly]
    spec = await provider.spec(machine.uuid)
    boot = (spec.boot.kernel, spec.boot.initrd) if spec and spec.boot else ()
    await require_intact(disks, machine.name, boot)


async def require_intact(paths: Iterable[str], whose: str, boot: Iterable[str] = ()) -> None:
    """IMAGE_INVALID when one of these disks, or anything it stands on, is gone, broken or was altered; or
    one of the files to `boot` from.

    What may not be read from here (another user's, a block device of the host) is left to libvirt.
    """
    for path in paths:
        if path.startswith("/dev/"):
            continue
        chain = await _chain(path, whose)
        for layer, base in pairwise(chain):
            await asyncio.to_thread(require_same_base, layer, base, whose)
        for link in chain:
            await asyncio.to_thread(_require_unaltered, link, whose)
    for path in boot:
        await asyncio.to_thread(_require_unaltered, Path(path), whose)


async def _chain(path: str, whose: str) -> tuple[Path, ...]:
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
    return tuple(Path(path).parent / link.filename for link in links)


def _require_unaltered(path: Path, whose: str) -> None:
    """A file of an image of ours must be as it was described."""
    made = metadata.read(path.parent)
    if made is None or path.name not in (metadata.DISK, made.kernel, made.initrd):
        return
    fault = "was altered"
    try:
        if _unaltered(path, made):
            return
        why = f"{path} is not what was written then: {path.stat().st_size} bytes, or other contents."
    except PermissionError:
        return
    except OSError as error:
        fault = "is gone" if isinstance(error, FileNotFoundError) else "cannot be read"
        why = f"{path}: {os.strerror(error.errno or 0)}"
    part = "base image" if path.name == metadata.DISK else f"{path.name} of the image"
    raise problem(
        Code.IMAGE_INVALID,
        f"{whose} cannot be used: the {part} {made.name} {fault}.",
        why=why,
        next="Bring it back from a backup. Disks that stand on it are not safe to start without it.",
    )


def _unaltered(path: Path, made: Metadata) -> bool:
    mark = made.marks.get(path.name)
    if mark is not None:
        return mark.fits(path)
    if path.name != metadata.DISK:
        return True
    # An image of a version that kept no marks.
    found = path.stat()
    if found.st_size != made.size_bytes:
        return False
    written_again = found.st_mtime > made.created_at + _CLOCK_SECONDS
    return made.kind != "built" or not written_again or sha512_of(path) == made.sha512
