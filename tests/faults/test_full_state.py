"""The file system of the worker's own state runs full: no act is half done, and no job is lost or lies."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from clonebox_tui.client import Client
from clonebox_tui.model.problem import Code, ProblemError
from tests.faults.choice import ALL
from tests.faults.full_site import FullSite
from tests.faults.real import URI, RealWorld
from tests.faults.shrinking import SmallDisk
from tests.faults.sweep import Subject, sweep

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.timeout(3600 if ALL else 900),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small file system"),
]

_SAMPLES = {"snapshot_create": 2, "image_import": 2, "delete": 0, "clone": 0}
ACTS = {name: points for name, points in _SAMPLES.items() if ALL or points}
"""Each act, with how many points a sample has."""


@pytest.fixture
def disk(world: Path) -> Iterator[SmallDisk]:
    """What holds the state, the store with its journal and the logs."""
    del world
    made = SmallDisk(Path(os.environ["XDG_STATE_HOME"]))
    yield made
    made.close()


@pytest.fixture
def full(world: Path, disk: SmallDisk, real: RealWorld) -> Iterator[FullSite]:
    """The worker's world over it."""
    made = FullSite(URI, world, real.folders, real.machines, disk=disk, store_fails=True)
    yield made
    made.stop()


@pytest.mark.parametrize("name", ACTS)
async def test_all_or_nothing(disk: SmallDisk, real: RealWorld, full: FullSite, name: str) -> None:
    subject: Subject = getattr(real, name)()
    full.meanwhile = lambda: disk.leave(0)
    tried = await sweep(full, subject, ("stop journal",), ACTS[name])
    print(f"  {full.ends}")
    assert tried.total() >= 1


async def test_a_worker_without_room_says_so(disk: SmallDisk, full: FullSite) -> None:
    disk.leave(0)
    with pytest.raises(ProblemError) as refused:
        await Client.connect(full.where, worker_arguments=("--connect", URI))
    assert refused.value.problem.code is Code.DISK_FULL
    assert str(disk.folder) in refused.value.problem.next
    disk.grow()
    async with await Client.connect(full.where, worker_arguments=("--connect", URI)) as client:
        assert client.welcome.pid
