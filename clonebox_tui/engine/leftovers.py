"""What a crash may leave behind: found by who it belongs to, removed only when that is certain.

Certain is what carries the mark of a job: one of ours that has ended, or one nobody here knows whose files
lay untouched for hours (another worker of another user may share the folder). All else is named, not touched.
"""

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from clonebox_tui.engine.backing import Users, backing_users, users_inside
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model.connection import Link
from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import ProblemError

ABANDONED_SECONDS = 6 * 3600.0
"""Files of an unknown job that were untouched for so long belong to nobody: any job takes minutes."""

_OWNER, _SEED = ".job", "seed.iso"


class Leftover(msgspec.Struct, frozen=True):
    """Something that is there without need. `removable`: certain to be ours and nobody's."""

    path: str
    why: str
    removable: bool = False


async def leftovers(fleet: Fleet, places: Places, uri: str, jobs: Iterable[Job]) -> tuple[Leftover, ...]:
    """All of one connection, in order of their paths; nothing while it is down, for then nobody knows."""
    connection = fleet.connections.get(uri)
    if connection is None or connection.link is not Link.UP or not uri.startswith("qemu:///"):
        return ()
    folder = places.images(uri)
    if not folder.is_dir():
        return await _without_disk(fleet, uri)
    live = {job.id: not job.state.ended for job in jobs}
    found = [*await asyncio.to_thread(lambda: list(_workspaces(folder / "images", live)))]
    if _anything_in(folder / "machines"):
        needed = await backing_users(fleet, places)
        names = {machine.name for machine in fleet.machines.values()}
        found += await asyncio.to_thread(lambda: list(_folders(folder / "machines", needed, names, live)))
        found += await asyncio.to_thread(lambda: list(_seeds(folder / "machines", needed)))
    return tuple(sorted((*found, *await _without_disk(fleet, uri)), key=lambda each: each.path))


async def remove(found: Iterable[Leftover]) -> tuple[Leftover, ...]:
    """Remove what is certain; what was removed."""
    doomed = tuple(each for each in found if each.removable)
    for each in doomed:
        await asyncio.to_thread(_remove, Path(each.path))
    return doomed


def suspects(folder: Path) -> bool:
    """Whether a look is worth its while: reading all backing chains costs a program a disk."""
    patterns = (f"machines/*/{_OWNER}", f"machines/*/{_SEED}", "images/.*ing-*")
    return any(True for pattern in patterns for _ in folder.glob(pattern))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _anything_in(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False


def _workspaces(store: Path, live: Mapping[str, bool]) -> Iterator[Leftover]:
    for work in store.glob(".*ing-*"):
        if not work.name.startswith((".building-", ".importing-", ".removing-")) or not work.is_dir():
            continue
        job = next((known for known in live if f"-{known}-" in work.name), "")
        if not live.get(job, False):
            yield Leftover(str(work), "half an image, of a job that is over", _is_over(job, work))


def _folders(
    place: Path, needed: Users, names: Collection[str], live: Mapping[str, bool]
) -> Iterator[Leftover]:
    for folder in place.iterdir():
        if not folder.is_dir() or folder.is_symlink() or folder.name in names:
            continue
        if users_inside(needed, folder):
            continue
        owner = folder / _OWNER
        job = _text(owner)
        if live.get(job, False):
            continue
        certain = bool(job) and _is_over(job if job in live else "", folder)
        yield Leftover(
            str(folder),
            "of a clone that never was ready" if job else "of no machine that is defined",
            certain,
        )


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _seeds(place: Path, needed: Users) -> Iterator[Leftover]:
    """Seeds hold keys: a machine that is ready has none."""
    for seed in place.glob(f"*/{_SEED}"):
        folder = seed.parent
        used = users_inside(needed, folder)
        if used and os.path.realpath(seed) not in used and not (folder / _OWNER).exists():
            yield Leftover(str(seed), "the seed of a machine that is ready", True)


def _is_over(known_job: str, place: Path) -> bool:
    """A job of ours that is not live has ended; of an unknown one only time tells."""
    if known_job:
        return True
    newest = place.stat().st_mtime
    with contextlib.suppress(OSError):
        newest = max((path.lstat().st_mtime for path in place.rglob("*")), default=newest)
    return time.time() - max(newest, place.stat().st_mtime) > ABANDONED_SECONDS


async def _without_disk(fleet: Fleet, uri: str) -> tuple[Leftover, ...]:
    ours = [each for each in fleet.machines.values() if each.managed and each.connection == uri]
    return tuple([gone for machine in ours for gone in await _gone(fleet, machine)])


async def _gone(fleet: Fleet, machine: Machine) -> list[Leftover]:
    try:
        provider, uuid = fleet.provider_of(machine.id)
        disks = (await provider.details(uuid)).disks
    except ProblemError:
        return []
    paths = [Path(disk.path) for disk in disks if disk.path.startswith("/")]
    # In a folder that may not be looked into nothing can be called gone.
    missing = [path for path in paths if path.parent.parent.is_dir() and not _exists(path)]
    why = f"{machine.name} is defined, but this disk is gone: bring it back, or delete the machine"
    return [Leftover(str(path), why) for path in missing]


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return True
