"""Which files other disks stand on: the graph of backing chains, read from the images themselves.

libvirt's own metadata knows only chains of machines that are defined on it, so every image in our folders
and every disk of every machine is asked.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from clonebox_tui.engine.disk_image import chain_of
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.trash.entries import FILES, Entries
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.snapshot import Storage
from clonebox_tui.model.trash import IN_TRASH

_QCOW_MAGIC = b"QFI\xfb"


async def backing_users(
    fleet: Fleet, places: Places, without: str = "", home: Path | None = None
) -> Mapping[str, str]:
    """Absolute path of a file that something needs → who needs it (a machine's name, or a disk's path).

    `without` is the id of a machine whose own need does not count, nor that of any image in its folder. A
    machine that cannot be asked (its connection is down) and an image that cannot be read are left out.
    `home` is the folder of a machine in the trash whose own images do not count either.
    """
    needed: dict[str, str] = {}
    own: set[str] = set()
    for machine in list(fleet.machines.values()):
        if not _keeps_files_here(machine.connection):
            continue
        below = {link for path in await _states(fleet, machine.id) for link in await chain(path)}
        if machine.id == without:
            own = below
        else:
            needed.update(dict.fromkeys(below, machine.name))
    trashed = await asyncio.to_thread(Entries(fleet, places).all)
    for place, entry in trashed:
        if entry.machine.machine == without or not _keeps_files_here(entry.machine.connection):
            continue
        moved = map(str, (place / FILES).glob("*")) if entry.machine.moved else ()
        for path in (*entry.machine.disks, *filter(_is_layer, map(Path, moved))):
            needed.update(dict.fromkeys(await chain(str(path)), f"{entry.machine.name} {IN_TRASH}"))
    roots = _roots(places, fleet.connections)
    homes = {Path(path).parent for path in own} & {each for root in roots for each in _machines(root)}
    homes |= {home} if home else set()
    for path in await asyncio.to_thread(_images, roots):
        if path not in own and Path(path).parent not in homes:
            needed.update({link: path for link in (await chain(path))[1:] if link not in needed})
    return needed


async def foreign_users(fleet: Fleet, places: Places, machine: str, files: Collection[str]) -> dict[str, str]:
    """Those of a machine's own `files` that something else stands on → who; both must stay as they are."""
    needed = await backing_users(fleet, places, without=machine)
    return {path: needed[path] for path in files if path in needed}


async def chain(path: str) -> tuple[str, ...]:
    """The file and all it stands on, as absolute paths, also where a file on the way is missing."""
    return tuple(link for link, _ in await chain_of(path))


def _keeps_files_here(uri: str) -> bool:
    # A path on another host says nothing about the file of that name here.
    return uri.startswith("qemu") and not is_remote(uri)


async def _states(fleet: Fleet, machine: str) -> set[str]:
    """Files that hold the machine's present, and those that hold its external snapshots."""
    try:
        provider, uuid = fleet.provider_of(machine)
        disks = [*(await provider.details(uuid)).disks]
        for snapshot in await provider.snapshots(uuid):
            # Also those that no present chain leads to any more: going back left them aside.
            if snapshot.storage is Storage.EXTERNAL:
                disks += await provider.disks_at(uuid, snapshot.name)
    except ProblemError:
        return set()
    return {disk.path for disk in disks if disk.path}


def _roots(places: Places, connections: Iterable[str]) -> set[Path]:
    return {places.images(uri) for uri in connections if _keeps_files_here(uri)}


def _machines(root: Path) -> list[Path]:
    try:
        return [each for each in (root / "machines").iterdir() if each.is_dir()]
    except OSError:  # none yet, or those of the system's daemon, which an ordinary user may not list
        return []


def _images(roots: Iterable[Path]) -> list[str]:
    """All disk images in our folders, whatever they are called: libvirt names layers after snapshots."""
    found = (path for root in roots if root.is_dir() for path in root.rglob("*"))
    return sorted(str(path) for path in found if _is_layer(path))


def _is_layer(path: Path) -> bool:
    """A file that can stand on another one: qcow2 by its first bytes."""
    try:
        with path.open("rb") as file:
            return path.is_file() and file.read(len(_QCOW_MAGIC)) == _QCOW_MAGIC
    except OSError:
        return False
