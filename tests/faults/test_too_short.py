"""A host that is too short of disk or memory from the start: every act says so before it begins."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from clonebox_tui.model.acts import Act, BuildImage, CloneMachine, StartMachine
from clonebox_tui.model.environment import GIBIBYTE, MEBIBYTE
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.problem import Code, Problem
from tests.faults.real import URI, RealWorld
from tests.faults.shrinking import SmallDisk
from tests.faults.site import Site

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small file system"),
]


@pytest.fixture
def disk(machine_folder: Path) -> Iterator[SmallDisk]:
    """What holds images and machines."""
    made = SmallDisk(machine_folder)
    yield made
    made.close()


async def _refused(site: Site, act: Act) -> Problem:
    """Why it was not begun; nothing was written down or made."""
    before = site.inventory()
    assert await site.attempt(act) is None
    assert site.refused is not None
    assert site.inventory() == before
    assert site.refused.next
    return site.refused


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("clone", GIBIBYTE),
        ("memory_snapshot", 200 * MEBIBYTE),
        ("live_restore", 200 * MEBIBYTE),
        ("image_import", 0),
    ],
)
async def test_too_little_disk(disk: SmallDisk, real: RealWorld, site: Site, name: str, room: int) -> None:
    subject = getattr(real, name)()
    await subject.prepare()
    disk.leave(room)
    told = await _refused(site, subject.act)
    assert told.code is Code.DISK_FULL
    assert "iB" in f"{told.what} {told.why}"
    disk.grow()


async def test_too_little_disk_for_a_build(disk: SmallDisk, real: RealWorld, site: Site) -> None:
    disk.leave(GIBIBYTE)
    assert (await _refused(site, BuildImage(URI))).code is Code.DISK_FULL
    disk.grow()
    assert real.machines() == []


async def test_too_little_memory(real: RealWorld, site: Site) -> None:
    # All of it: some is always in use.
    too_much = psutil.virtual_memory().total // MEBIBYTE * MEBIBYTE
    subject = real.clone()
    await subject.prepare()
    act = subject.act
    assert isinstance(act, CloneMachine)
    greedy = msgspec.structs.replace(act, wish=msgspec.structs.replace(act.wish, memory_bytes=too_much))
    told = await _refused(site, greedy)
    assert told.code is Code.MEMORY_SHORT
    assert "GiB" in f"{told.what} {told.why}"

    await real.delete().prepare()
    domain = real.connection.lookupByUUIDString(real.uuid)
    kibibytes = f">{256 * 1024}<"
    assert kibibytes in domain.XMLDesc()
    real.connection.defineXML(domain.XMLDesc().replace(kibibytes, f">{too_much // 1024}<"))
    told = await _refused(site, StartMachine(machine_id(URI, real.uuid)))
    assert told.code is Code.MEMORY_SHORT
    assert "GiB" in told.why
