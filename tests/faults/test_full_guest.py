"""kill -9 of the worker in a clone of the full Debian guest: nothing of machine, folder or project stays."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import libvirt
import msgspec
import psutil
import pytest

from clonebox_tui.client import Client
from clonebox_tui.model.acts import CloneMachine
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.job import Job, JobState, StepState
from clonebox_tui.model.rpc import JobsChanged, Watch
from tests.engine.clone_workshop import WISH
from tests.faults.choice import ALL
from tests.faults.site import Site, up
from tests.guests import domain as domains
from tests.guests.places import discard
from tests.worker.conftest import ended

pytestmark = [pytest.mark.qemu, pytest.mark.full, pytest.mark.timeout(2400)]

URI = "qemu:///system"
STEPS = ("boot", "packages") if ALL else ("boot",)
"""Right after define and start; and while the guest installs (which a sample has no time for)."""

_SECONDS = 900.0


@pytest.fixture
def name(system_libvirt: libvirt.virConnect) -> Iterator[str]:
    """A name of its own for the machine; whatever a broken test leaves is removed."""
    chosen = domains.unique_name("cbx-killed")
    yield chosen
    domains.remove(system_libvirt, chosen)


@pytest.fixture
def site(
    world: Path,
    monkeypatch: pytest.MonkeyPatch,
    system_libvirt: libvirt.virConnect,
    base_image: Path,
    name: str,
) -> Iterator[Site]:
    """A folder for machines beside the kept image, and a project."""
    folder = Path(tempfile.mkdtemp(prefix="killed-", dir=base_image.parents[2]))
    folder.chmod(0o711)
    (folder / "images").mkdir()
    (folder / "images" / base_image.name).symlink_to(base_image)
    (folder / "machines").mkdir()
    (world / "project").mkdir()
    monkeypatch.setenv("CLONEBOX_IMAGES_DIR", str(folder))

    def machines() -> list[str]:
        return [f"machine {each.name()}" for each in system_libvirt.listAllDomains() if each.name() == name]

    made = Site(URI, world, [folder, world / "project"], machines)
    yield made
    made.stop()
    discard(folder)


def _qemu_of(name: str) -> list[int]:
    return [
        each.pid
        for each in psutil.process_iter(["cmdline"])
        if any(name in word for word in each.info["cmdline"] or ()) and "qemu" in each.info["cmdline"][0]
    ]


def _is_at(job: Job, step: str) -> bool:
    return any(each.name == step and each.state is StepState.RUNNING for each in job.steps)


async def _reached(client: Client, act: CloneMachine, step: str) -> None:
    """Return when the job is at that step; fails when it ends before."""
    there: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def look(event: object) -> None:
        for job in event.jobs if isinstance(event, JobsChanged) else ():
            if _is_at(job, step) and not there.done():
                there.set_result(None)
            elif job.state.ended and not there.done():
                there.set_exception(AssertionError(job))

    client.listen(look)
    await client.watch(Watch(samples=False))
    await client.run(act)
    await there


@pytest.mark.parametrize("step", STEPS)
async def test_a_killed_clone_leaves_nothing(site: Site, base_image: Path, name: str, step: str) -> None:
    wish = msgspec.structs.replace(
        WISH, name=name, base_image=base_image.name, memory_bytes=GIBIBYTE, disk_bytes=6 * GIBIBYTE, vcpus=2,
        packages=("tree", "nginx-light"),
    )  # fmt: skip
    act = CloneMachine(URI, wish, str(site.world / "project"), "version: '1'\n")
    before = site.inventory()
    async with await Client.connect(site.where, worker_arguments=("--connect", URI)) as client:
        await up(client)
        async with asyncio.timeout(_SECONDS):
            await _reached(client, act, step)
        assert any(name in each for each in site.machines())
        pid = client.welcome.pid
        os.kill(pid, signal.SIGKILL)
        assert await asyncio.to_thread(ended, pid)
        async with asyncio.timeout(200):
            job = await site.last_job(set())
    assert job is not None
    assert (job.state, "undone" in job.note) == (JobState.ROLLED_BACK, True), job
    assert await site.look_again() == before
    assert not _qemu_of(name)
