"""kill -9 while QEMU copies a running machine's disk for a look: the next worker removes the copy."""

import asyncio
import os
from pathlib import Path

import pytest

from clonebox_tui.guest.execution import pauses
from clonebox_tui.model.acts import RestorePath
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import machine_id
from tests.faults.real import URI, RealWorld
from tests.faults.site import Site, up

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]


@pytest.mark.parametrize(("number", "ends"), [(2, None), (4, JobState.ROLLED_BACK)], ids=["plan", "job"])
async def test_no_copy_of_a_dead_worker_stays(
    real: RealWorld, site: Site, number: int, ends: JobState | None
) -> None:
    """A call's second point is right after QEMU began for the plan, its fourth after it did for the job."""
    await real.with_bootable()
    real.connection.lookupByUUIDString(real.uuid).create()
    act = RestorePath(machine_id(URI, real.uuid), "", "/lost+found", str(real.project / "found"))
    job = await site.attempt(act, f"kill call {number}")
    assert site.points["call after"] == number // 2, site.points
    assert (job.state if job else None) is ends
    async with await site.connect() as client, asyncio.timeout(100):
        await up(client)
        async for _ in pauses(0.05):
            if not _halves(site, real):
                break
    assert not (real.project / "found").exists()


def _halves(site: Site, real: RealWorld) -> list[Path]:
    folders = (real.images / "looks", site.where.cache / "looks")
    return [path for folder in folders for path in folder.glob("*") if path.suffix != ".raw"]
