"""The file system of the images runs full at any moment of an act: told as that, all or nothing."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.choice import ALL, LIMIT_SECONDS
from tests.faults.full_site import FullSite
from tests.faults.real import URI, RealWorld
from tests.faults.shrinking import SmallDisk
from tests.faults.sweep import Subject, sweep

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.timeout(LIMIT_SECONDS),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small file system"),
]

POINTS = ("stop journal", "stop call")
ROOMS = {"nothing": 0, "a little": 96 << 10, "some": 12 << 20}
"""How much room is left at that moment, in bytes."""

_SAMPLES = {
    "clone": 2,
    "snapshot_create": 1,
    "memory_snapshot": 2,
    "snapshot_restore": 1,
    "live_restore": 0,
    "snapshot_delete": 0,
    "image_import": 2,
}
ACTS = {name: points for name, points in _SAMPLES.items() if ALL or points}
"""Each act, with how many points a sample has."""


@pytest.fixture
def disk(machine_folder: Path) -> Iterator[SmallDisk]:
    """What holds images and machines."""
    made = SmallDisk(machine_folder)
    yield made
    made.close()


@pytest.fixture
def full(world: Path, disk: SmallDisk, real: RealWorld) -> Iterator[FullSite]:
    """The worker's world over it."""
    made = FullSite(URI, world, real.folders, real.machines, disk=disk)
    yield made
    made.stop()


@pytest.mark.parametrize("room", ROOMS if ALL else ["nothing"])
@pytest.mark.parametrize("name", ACTS)
async def test_all_or_nothing(disk: SmallDisk, real: RealWorld, full: FullSite, name: str, room: str) -> None:
    subject: Subject = getattr(real, name)()
    full.meanwhile = lambda: disk.leave(ROOMS[room])
    named = replace(subject, name=f"{subject.name} with {room} left")
    tried = await sweep(full, named, POINTS, ACTS[name])
    print(f"  {full.ends}")
    assert tried.total() >= 1
