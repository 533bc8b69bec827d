"""Each write and each fsync of an act fails, once and from then on: of its files, and of the store's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.choice import ALL, LIMIT_SECONDS
from tests.faults.failing_writes import KINDS, FailingSite
from tests.faults.real import URI, RealWorld
from tests.faults.sweep import Subject, sweep

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(LIMIT_SECONDS)]

FAULTS = tuple(f"{action} {kind}" for kind in KINDS for action in ("fail", "fail-on"))
_SAMPLES = {
    "clone": 2,
    "delete": 1,
    "snapshot_create": 0,
    "memory_snapshot": 0,
    "snapshot_restore": 2,
    "live_restore": 0,
    "snapshot_delete": 0,
    "image_import": 4,
    "image_remove": 1,
}
ACTS = {name: points for name, points in _SAMPLES.items() if ALL or points}
"""Each act, with how many points a sample has; those that only write the store as others do have none."""


@pytest.fixture
def failing(world: Path, real: RealWorld) -> Iterator[FailingSite]:
    """The worker's world, with writes that can be made to fail."""
    made = FailingSite(URI, world, real.folders, real.machines)
    made.install()
    yield made
    made.stop()


@pytest.mark.parametrize("name", ACTS)
async def test_all_or_nothing(real: RealWorld, failing: FailingSite, name: str) -> None:
    subject: Subject = getattr(real, name)()
    tried = await sweep(failing, subject, FAULTS, ACTS[name])
    assert tried.total() >= 1
