"""Which files other disks stand on: the graph of backing chains, read from the images themselves.

libvirt's own metadata knows only chains of machines that are defined on it, so every image in our folders
and every disk of every machine is asked.
"""

from collections.abc import Iterable, Mapping

from clonebox_tui.engine.disk_image import chain_of
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model.machine import Disk
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.remote import is_remote

_LAYERS = (".qcow2", ".qcow", ".img", ".raw")


async def backing_users(fleet: Fleet, places: Places, without: str = "") -> Mapping[str, str]:
    """Absolute path of a file that something needs → who needs it (a machine's name, or a disk's path).

    `without` is the id of a machine whose own need does not count. A machine that cannot be asked (its
    connection is down) and an image that cannot be read are left out.
    """
    needed: dict[str, str] = {}
    own: set[str] = set()
    for machine in list(fleet.machines.values()):
        if not _keeps_files_here(machine.connection):
            continue
        paths = {disk.path for disk in await _disks(fleet, machine.id) if disk.path}
        if machine.id == without:
            own = paths
            continue
        for path in paths:
            needed.update(dict.fromkeys(await chain(path), machine.name))
    for path in _kept(places, fleet.connections):
        if path not in own:
            needed.update({below: path for below in (await chain(path))[1:] if below not in needed})
    return needed


async def chain(path: str) -> tuple[str, ...]:
    """The file and all it stands on, as absolute paths, also where a file on the way is missing."""
    return tuple(link for link, _ in await chain_of(path))


def _keeps_files_here(uri: str) -> bool:
    # A path on another host says nothing about the file of that name here.
    return uri.startswith("qemu") and not is_remote(uri)


async def _disks(fleet: Fleet, machine: str) -> tuple[Disk, ...]:
    try:
        provider, uuid = fleet.provider_of(machine)
        return (await provider.details(uuid)).disks
    except ProblemError:
        return ()


def _kept(places: Places, connections: Iterable[str]) -> list[str]:
    roots = {places.images(uri) for uri in connections if _keeps_files_here(uri)}
    found = (path for root in roots if root.is_dir() for path in root.rglob("*"))
    return sorted(str(path) for path in found if path.suffix in _LAYERS and path.is_file())
