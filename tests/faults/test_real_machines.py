"""kill -9 of the real worker and failures of all it calls, at every point of acts on real machines."""

import pytest

from tests.faults.choice import LIMIT_SECONDS
from tests.faults.real import RealWorld
from tests.faults.site import Site
from tests.faults.sweep import FAILURES, KILLS, Subject, sweep

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(LIMIT_SECONDS)]

ACTS = {
    "clone": 1,
    "delete": 2,
    "trash": 2,
    "trash_restore": 2,
    "trash_purge": 1,
    "snapshot_create": 2,
    "memory_snapshot": 2,
    "snapshot_restore": 2,
    "live_restore": 1,
    "snapshot_delete": 1,
    "image_import": 2,
    "image_remove": 1,
}
"""Each act, with how many points a sample has."""


@pytest.mark.parametrize("faults", [KILLS, FAILURES], ids=["killed", "failed"])
@pytest.mark.parametrize("name", ACTS)
async def test_all_or_nothing(real: RealWorld, site: Site, name: str, faults: tuple[str, ...]) -> None:
    subject: Subject = getattr(real, name)()
    tried = await sweep(site, subject, faults, ACTS[name])
    assert tried.total() >= 1
