"""Where the disk of a fork comes from, and how it can be had without touching the machine it is taken of."""

from enum import StrEnum

import msgspec

from clonebox_tui.engine.disk_image import ImageInfo, base_of, chain_of, image_info
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.snapshots.moment import Moment
from clonebox_tui.model.machine import Disk, State
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.snapshot import Snapshot, Storage

LEAST_BYTES = 1 << 20
"""What a new disk takes at least: a layer's own tables, and what the first boot writes at once."""


class How(StrEnum):
    """The way a fork's disk is made."""

    LAYER = "layer"
    """Over a file that nobody writes to any more: an external snapshot's."""
    COPY = "copy"
    """By qemu-img, out of a file: an internal snapshot, or a disk that is not in use. What the file
    itself stands on is shared."""
    LIVE = "live"
    """By QEMU's backup job out of the running machine; stands on nothing."""


class Origin(msgspec.Struct, frozen=True):
    """A state of a disk. `bytes_needed` bounds what a fork of it takes at first."""

    how: How
    path: str
    format: str
    virtual_bytes: int
    bytes_needed: int
    whole_bytes: int = 0
    """The same for a copy that stands on nothing."""
    snapshot: str = ""
    """Name inside the file."""
    base: str = ""
    """The file that a copy goes on standing on."""
    base_format: str = ""


async def find_origin(fleet: Fleet, moment: Moment, name: str) -> Origin:
    """The state `name` (the present without one). NOT_SUPPORTED says why it cannot be had;
    SNAPSHOT_NOT_FOUND, IMAGE_INVALID."""
    snapshot = moment.require(name) if name else None
    disk = await _disk(moment, snapshot)
    links = await chain_of(disk.path)
    info = links[0][1]
    if info is None:
        raise _unreadable(moment, disk.path)
    whole = sum(link.actual_size for _, link in links if link)
    if snapshot is None and moment.machine.state not in (State.OFF, State.CRASHED, State.SUSPENDED):
        return Origin(How.LIVE, disk.path, info.format, info.virtual_size, whole, whole)
    if snapshot is not None and snapshot.storage is Storage.EXTERNAL:
        await _refuse_written(fleet, moment, snapshot, disk.path)
        return Origin(How.LAYER, disk.path, info.format, info.virtual_size, LEAST_BYTES, whole)
    if snapshot is not None and all(each.name != name for each in info.snapshots):
        raise problem(
            Code.NOT_SUPPORTED,
            f"The data of {name} is not to be found.",
            why=f"{disk.path} holds no snapshot of that name.",
            next="Choose another snapshot.",
        )
    return _copied(disk.path, info, name, whole)


async def still_there(origin: Origin) -> bool:
    """Whether the snapshot that was copied from is still in its file; somebody else may have deleted it."""
    if not origin.snapshot:
        return True
    info = await image_info(origin.path)
    return info is not None and any(each.name == origin.snapshot for each in info.snapshots)


def _copied(path: str, info: ImageInfo, name: str, whole: int) -> Origin:
    memory = sum(each.vm_state_size for each in info.snapshots)
    needed = max(LEAST_BYTES, info.actual_size - memory)
    base = base_of(path, info)
    base_format = info.backing_filename_format or "qcow2"
    size = info.virtual_size
    return Origin(How.COPY, path, info.format, size, needed, whole, name, base, base_format if base else "")


async def _disk(moment: Moment, snapshot: Snapshot | None) -> Disk:
    """The one disk; a fork of several, or of none in a file, is not offered."""
    machine = moment.machine
    if is_remote(machine.connection):
        raise problem(
            Code.NOT_SUPPORTED,
            f"{machine.name} cannot be looked into or forked from here.",
            why=f"Its disk lies on another host: {machine.connection}.",
            next="Do it there: `clonebox-tui --host ssh://USER@SERVER`",
        )
    disks = [each for each in moment.details.disks if not each.readonly and each.path]
    if snapshot is not None:
        disks = list(await moment.provider.disks_at(machine.uuid, snapshot.name)) or disks
    if len(disks) == 1 and disks[0].path.startswith("/"):
        return disks[0]
    raise problem(
        Code.NOT_SUPPORTED,
        f"{machine.name} cannot be looked into or forked.",
        why=f"It has {len(disks)} disks in files; exactly one can be followed through time.",
        next="Copy its disks by hand: qemu-img convert.",
    )


async def _refuse_written(fleet: Fleet, moment: Moment, snapshot: Snapshot, path: str) -> None:
    """An external snapshot's file holds its state only as long as no machine writes to it."""
    for machine in list(fleet.machines.values()):
        if machine.connection != moment.machine.connection:
            continue
        try:
            provider, uuid = fleet.provider_of(machine.id)
            disks = (await provider.details(uuid)).disks
        except ProblemError:
            continue
        if any(each.path == path and not each.readonly for each in disks):
            raise problem(
                Code.NOT_SUPPORTED,
                f"The state {snapshot.name} of {moment.machine.name} is gone.",
                why=f"{path}, which held it, is written to by {machine.name} again.",
                next="Choose another snapshot.",
            )


def _unreadable(moment: Moment, path: str) -> ProblemError:
    return problem(
        Code.IMAGE_INVALID,
        f"The disk of {moment.machine.name} cannot be read.",
        why=f"{path} is not there, is no disk image, or this user may not read it.",
        next="See who owns it; for qemu:///system run as root.",
    )
