"""Which files other disks stand on: the graph of backing chains, read from the images themselves.

libvirt's own metadata knows only chains of machines that are defined on it, so every image in our folders
and every disk of every machine is asked. One file may have several names (links, `..`): all are told by
their real one.
"""

import asyncio
import contextlib
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from clonebox_tui.engine.disk_image import Seen, chain_of
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.trash.entries import FILES, Entries, Entry
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.snapshot import Storage
from clonebox_tui.model.trash import IN_TRASH

Users = Mapping[str, tuple[str, ...]]
"""Real path of a file that something needs → all that need it (a machine's name, or a disk's path)."""

_QCOW_MAGIC = b"QFI\xfb"


async def backing_users(fleet: Fleet, places: Places, without: str = "", home: Path | None = None) -> Users:
    """All that is needed, and by whom.

    `without` is the id of a machine whose own need does not count, nor that of any image in its folder. A
    machine that cannot be asked (its connection is down) and an image that cannot be read are left out.
    `home` is the folder of a machine in the trash whose own images do not count either.
    """
    needed: dict[str, tuple[str, ...]] = {}
    own: set[str] = set()
    seen: Seen = {}
    for machine in list(fleet.machines.values()):
        if not _keeps_files_here(machine.connection):
            continue
        below = await _all_below(await _states(fleet, machine.id), seen)
        if machine.id == without:
            own = below
        else:
            _note(needed, below, machine.name)
    for place, entry in await asyncio.to_thread(Entries(fleet, places).all):
        if entry.machine.machine != without and _keeps_files_here(entry.machine.connection):
            _note(needed, await _all_below(_kept(place, entry), seen), f"{entry.machine.name} {IN_TRASH}")
    roots = _roots(places, fleet.connections)
    machines = await real_paths(str(each) for root in roots for each in _machines(root))
    homes = {str(Path(path).parent) for path in own} & {*machines.values()}
    homes |= {*(await real_paths([str(home)])).values()} if home else set()
    known = own | needed.keys()
    for path in await asyncio.to_thread(_images, roots, {Path(path).parent for path in own}):
        if path not in known and str(Path(path).parent) not in homes:
            _note(needed, (await chain(path, seen))[1:], path)
    return needed


async def foreign_users(
    fleet: Fleet, places: Places, machine: str, files: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Those of a machine's own `files` that something else stands on → who; both must stay as they are."""
    needed = await backing_users(fleet, places, without=machine)
    real = await real_paths(files)
    return {path: needed[real[path]] for path in files if real[path] in needed}


def users_inside(needed: Users, folder: Path | str) -> dict[str, tuple[str, ...]]:
    """Those needed files that lie in a folder, or below it."""
    inside = Path(folder).resolve()
    return {path: users for path, users in needed.items() if inside in Path(path).parents}


async def chain(path: str, seen: Seen | None = None) -> tuple[str, ...]:
    """The file and all it stands on, by their real paths, also where a file on the way is missing."""
    found: list[str] = []
    for link, info in await chain_of(path, seen):
        found.append(link)
        if info and info.data_file and "://" not in info.data_file:
            found.append(str(Path(link).parent / info.data_file))
    return tuple((await real_paths(found)).values())


async def real_paths(paths: Iterable[str]) -> dict[str, str]:
    """Each path → the same file's path without links and `..`; it need not be there."""
    return await asyncio.to_thread(lambda: {path: os.path.realpath(path) for path in paths})


async def _all_below(files: Iterable[str], seen: Seen) -> set[str]:
    return {link for path in files for link in await chain(path, seen)}


def _note(needed: dict[str, tuple[str, ...]], files: Iterable[str], user: str) -> None:
    for path in files:
        needed[path] = tuple(dict.fromkeys((*needed.get(path, ()), user)))


def _kept(place: Path, entry: Entry) -> list[str]:
    moved = map(str, filter(_is_layer, (place / FILES).glob("*"))) if entry.machine.moved else ()
    return [*entry.machine.disks, *entry.machine.needs, *moved]


def _keeps_files_here(uri: str) -> bool:
    # A path on another host says nothing about the file of that name here.
    return uri.startswith("qemu") and not is_remote(uri)


async def _states(fleet: Fleet, machine: str) -> set[str]:
    """Files that hold the machine's present, that it boots from, and that hold its external snapshots."""
    files: set[str] = set()
    with contextlib.suppress(ProblemError):
        provider, uuid = fleet.provider_of(machine)
        details = await provider.details(uuid)
        files |= {*(disk.path for disk in details.disks), *details.needs}
        for snapshot in await provider.snapshots(uuid):
            # Also those that no present chain leads to any more: going back left them aside.
            if snapshot.storage is Storage.EXTERNAL:
                files |= {disk.path for disk in await provider.disks_at(uuid, snapshot.name)}
    return files - {""}


def _roots(places: Places, connections: Iterable[str]) -> set[Path]:
    return {places.images(uri) for uri in connections if _keeps_files_here(uri)}


def _machines(root: Path) -> list[Path]:
    try:
        return [each for each in (root / "machines").iterdir() if each.is_dir()]
    except OSError:  # none yet, or those of the system's daemon, which an ordinary user may not list
        return []


def _images(roots: Iterable[Path], folders: Iterable[Path]) -> list[str]:
    """All disk images in our folders and beside the disks in question, whatever they are called: libvirt
    names layers after snapshots."""
    found = {path for root in roots if root.is_dir() for path in root.rglob("*")}
    found |= {path for folder in folders if folder.is_dir() for path in folder.glob("*")}
    return sorted({os.path.realpath(path) for path in found if _is_layer(path)})


def _is_layer(path: Path) -> bool:
    """A file that can stand on another one: qcow2 by its first bytes."""
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
        with path.open("rb") as file:
            return file.read(len(_QCOW_MAGIC)) == _QCOW_MAGIC
    except OSError:
        return False
