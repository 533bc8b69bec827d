"""kill -9 and failures at every point of acts that are written down about a machine, not done to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.choice import LIMIT_SECONDS
from tests.faults.notes import Notes, NotingSite
from tests.faults.real import URI, RealWorld
from tests.faults.sweep import FAILURES, KILLS, Subject, sweep

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(LIMIT_SECONDS)]

ACTS = ["label", "policy", "snapshot_trash", "snapshot_untrash", "snapshot_purge", "branch_delete"]
POINTS = 1


@pytest.fixture
def notes(world: Path, real: RealWorld) -> Iterator[Notes]:
    """The worker's world, with what it writes down in the inventory."""
    site = NotingSite(URI, world, real.folders)
    made = Notes(real, site)
    site.machines = made.inventory
    yield made
    site.stop()


@pytest.mark.parametrize("name", ACTS)
async def test_all_or_nothing(notes: Notes, name: str) -> None:
    subject: Subject = getattr(notes, name)()
    tried = await sweep(notes.site, subject, (*KILLS, *FAILURES), POINTS)
    assert tried.total() >= 1


@pytest.mark.parametrize("name", ["undo", "redo"])
async def test_a_deed_is_taken_back_or_not(notes: Notes, name: str) -> None:
    """A store that fails for good cannot note the deed's end either: there the next worker does."""
    subject: Subject = getattr(notes, name)()
    tried = await sweep(notes.site, subject, KILLS, POINTS)
    assert tried.total() >= 1
