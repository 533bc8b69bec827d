"""kill -9 at points of what a schedule does: a snapshot is there whole or not, the older gone or there."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import libvirt
import pytest

from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.rpc import JOBS, Nothing
from clonebox_tui.model.snapshot_policy import AUTOMATIC_MARK, AUTOMATIC_PREFIX, SnapshotPolicy
from tests.faults.choice import LIMIT_SECONDS, chosen
from tests.faults.course import Course
from tests.faults.guarded import Keeping
from tests.faults.site import WAIT_SECONDS, Site, up
from tests.faults.sweep import KILLS, every
from tests.guests.fixtures import MicroMachine
from tests.worker.conftest import alive, worker_pid

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.timeout(LIMIT_SECONDS),
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]
POINTS = 1
"""A worker looks for what is due after half a minute only."""

NAME, HOUR = "scheduled snapshot", 3600


class ScheduledSite(Site):
    """A site where nobody asks for anything."""

    async def by_itself(self, failpoint: str = "") -> dict[str, JobState]:
        """How the jobs ended that a worker began before it was killed, or until it had pruned; by act."""
        known = self._jobs("")
        with self.prepared(failpoint):
            await (await self.connect()).close()
        pid, deadline = worker_pid(self.where), time.monotonic() + WAIT_SECONDS
        while alive(pid) and len(self._jobs("WHERE ended")) < len(known) + 2:
            assert time.monotonic() < deadline, "nothing was taken"
            await asyncio.sleep(0.1)
        self.points = self.counted()
        self.stop()
        ended = [job for job in await self._ended() if job.id not in known]
        self.stop()
        return {job.act: job.state for job in ended}

    async def _ended(self) -> list[Job]:
        async with await self.connect() as client:
            await up(client)
            return [await client.wait(job.id) for job in (await client.call(JOBS, Nothing())).jobs]


@pytest.fixture
def guest(micro_machine: MicroMachine) -> Keeping:
    """A running one."""
    return Keeping(micro_machine, AUTOMATIC_PREFIX)


@pytest.fixture
def site(world: Path, guest: Keeping) -> Iterator[ScheduledSite]:
    """The worker's world over it."""
    made = ScheduledSite("qemu:///system", world, [], guest.inventory)
    yield made
    made.stop()


async def test_taken_or_not_and_pruned_or_not(guest: Keeping, site: ScheduledSite) -> None:
    Policies(site.where.config).write(guest.machine, SnapshotPolicy(every_hours=1, keep_last=1))
    whole = await _try(guest, site, "")
    assert list(whole.values()) == [JobState.SUCCEEDED] * 2, whole
    points = every(site.points, KILLS)
    numbers = chosen(len(points), POINTS, NAME)
    course = Course(NAME, [points[number - 1] for number in numbers])
    for failpoint in course.left:
        await _try(guest, site, failpoint)
        course.held(failpoint)
    print(f"{NAME}: {len(numbers)} of {len(points)} points, {course.seconds:.0f} s")
    assert numbers


async def _try(guest: Keeping, site: ScheduledSite, failpoint: str) -> dict[str, JobState]:
    guest.begin(AUTOMATIC_MARK)
    _an_hour_ago(guest.domain.snapshotLookupByName(guest.older), guest.domain)
    before = site.inventory()
    ended = await site.by_itself(failpoint)
    assert site.inventory() == before, failpoint
    pruned = guest.older not in guest.kept()
    assert bool(guest.check()) == (ended.get("snapshot.create") is JobState.SUCCEEDED), (failpoint, ended)
    assert pruned == (ended.get("snapshot.delete") is JobState.SUCCEEDED), (failpoint, ended)
    return ended


def _an_hour_ago(snapshot: libvirt.virDomainSnapshot, domain: libvirt.virDomain) -> None:
    """Have libvirt say that it was taken then: the next one is due."""
    tree = ElementTree.fromstring(snapshot.getXMLDesc())  # noqa: S314
    created = tree.find("creationTime")
    assert created is not None
    created.text = str(int(created.text or 0) - HOUR)
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT
    domain.snapshotCreateXML(ElementTree.tostring(tree, "unicode"), flags)
