"""A real image build whose worker is killed, or whose disk runs full: its programs end, and nothing stays."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from clonebox_tui.client import Client
from clonebox_tui.model.acts import BuildImage
from clonebox_tui.model.job import JobState
from clonebox_tui.model.problem import Code
from clonebox_tui.model.rpc import JobsChanged, Watch
from tests.faults.choice import ALL
from tests.faults.shrinking import SmallDisk
from tests.faults.site import Site, up
from tests.guests.places import discard, shared_folder
from tests.worker.conftest import ended

pytestmark = pytest.mark.full

PHASES = ("download", "install", "disk") if ALL else ("download",)


@pytest.fixture
def site(world: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An empty folder for images."""
    folder = shared_folder() / f"build-{os.getpid()}"
    folder.mkdir()
    monkeypatch.setenv("CLONEBOX_IMAGES_DIR", str(folder))
    made = Site("qemu:///system", world, [folder])
    yield made
    made.stop()
    discard(folder)


async def _reached(client: Client, phase: str) -> str:
    """Return the job's id when it tells of that phase."""
    there = asyncio.Event()

    def look(event: object) -> None:
        for job in event.jobs if isinstance(event, JobsChanged) else ():
            if job.progress is not None and job.progress.phase.startswith(phase):
                there.set()
            if job.state.ended:
                there.set()

    client.listen(look)
    await client.watch(Watch(samples=False))
    job = await client.run(BuildImage("qemu:///system"))
    await there.wait()
    return job.id


def _mounted() -> str:
    return Path("/proc/self/mountinfo").read_text()


@pytest.mark.parametrize("phase", PHASES)
async def test_a_killed_build_leaves_nothing(site: Site, phase: str) -> None:
    async with await Client.connect(site.where, worker_arguments=("--connect", site.uri)) as client:
        await up(client)
        async with asyncio.timeout(900):
            await _reached(client, phase)
        pid = client.welcome.pid
        os.kill(pid, signal.SIGKILL)
        assert await asyncio.to_thread(ended, pid)
        async with asyncio.timeout(200):
            job = await site.last_job(set())
    assert job is not None
    assert (job.state, "undone" in job.note) == (JobState.ROLLED_BACK, True), job
    assert str(site.folders[0]) not in _mounted()
    assert await _left(site) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small file system")
@pytest.mark.parametrize("phase", PHASES)
async def test_a_full_disk_is_said_and_nothing_stays(site: Site, phase: str) -> None:
    disk = SmallDisk(site.folders[0])
    try:
        async with await Client.connect(site.where, worker_arguments=("--connect", site.uri)) as client:
            await up(client)
            async with asyncio.timeout(900):
                job_id = await _reached(client, phase)
                disk.leave(0)
                job = await client.wait(job_id)
        assert job.problem is not None
        assert (job.state, job.problem.code) == (JobState.ROLLED_BACK, Code.DISK_FULL), job.problem
        assert "room" in job.problem.next
        assert await _left(site) == []
    finally:
        disk.close()


async def _left(site: Site) -> list[str]:
    return [each for each in await site.look_again() if not each.endswith("/images")]
