"""kill -9 and failures at points of acts with a snapshot first: the old guest or the new one, none half."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.choice import LIMIT_SECONDS
from tests.faults.guarded import Guarded, GuardedSite
from tests.faults.sweep import FAILURES, KILLS, Subject, sweep
from tests.guests.fixtures import MicroMachine

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.timeout(LIMIT_SECONDS),
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]
POINTS = 2


@pytest.fixture
def guarded(world: Path, micro_machine: MicroMachine) -> Guarded:
    """A running guest with a policy."""
    return Guarded(micro_machine, world)


@pytest.fixture
def site(world: Path, guarded: Guarded) -> Iterator[GuardedSite]:
    """The worker's world over it."""
    made = GuardedSite("qemu:///system", world, [], guarded.inventory, guarded=guarded)
    yield made
    made.stop()


@pytest.mark.parametrize("name", ["copy", "reboot"])
async def test_the_old_guest_or_the_new_one(guarded: Guarded, site: GuardedSite, name: str) -> None:
    subject: Subject = getattr(guarded, name)(site)
    tried = await sweep(site, subject, (*KILLS, "kill agent", *FAILURES), POINTS)
    assert tried.total() >= 1
