"""A clone whose worker is killed at any moment is undone by the next one, and says so."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from clonebox_tui.client import Client, here
from clonebox_tui.model.acts import CloneMachine
from clonebox_tui.model.job import Job, JobState, StepState
from clonebox_tui.model.places import Places
from clonebox_tui.model.rpc import (
    CANCEL,
    FLEET,
    JOB,
    PREPARE,
    JobsChanged,
    Nothing,
    OnJob,
    PrepareClone,
    Watch,
)
from tests.worker.conftest import LONGEST_SECONDS, Join

_SLOW = "simulated://demo?machines=2&seed=3&boot=600&transition=0.3"
_FAST = ("--connect", _SLOW)


def _project(world: Path) -> Path:
    folder = world / "project"
    folder.mkdir()
    return folder


async def _begun_step(client: Client, name: str, act: CloneMachine) -> Job:
    """Run the act, and return when that step has begun."""
    arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def look(event: object) -> None:
        for job in event.jobs if isinstance(event, JobsChanged) else ():
            begun = [step.name for step in job.steps if step.state is not StepState.PENDING]
            if name in begun and not arrived.done():
                arrived.set_result(None)

    client.listen(look)
    await client.watch(Watch(samples=False))
    job = await client.run(act)
    async with asyncio.timeout(LONGEST_SECONDS):
        await arrived
    return job


@pytest.mark.parametrize("step", ["folder", "define", "start", "boot"])
async def test_a_killed_clone_is_undone_by_the_next_worker(
    world: Path, where: Places, join: Join, step: str
) -> None:
    folder = _project(world)
    client = await join(worker_arguments=_FAST)
    prepared = await client.call(PREPARE, PrepareClone(str(folder), here(), items=()))
    act = CloneMachine(_SLOW, prepared.wish, str(folder), prepared.config_text)
    job = await _begun_step(client, step, act)
    waiting = asyncio.create_task(client.wait(job.id))
    os.kill(client.welcome.pid, signal.SIGKILL)
    async with asyncio.timeout(LONGEST_SECONDS):
        ended = await waiting
    assert ended.state is JobState.ROLLED_BACK
    assert "died" in ended.note
    assert (await client.call(JOB, OnJob(job.id))) == ended
    names = {machine.name for machine in (await client.call(FLEET, Nothing())).machines}
    assert prepared.wish.name not in names
    assert [path.name for path in (where.data / "machines").glob("*")] == []


async def test_a_cancelled_clone_leaves_nothing(world: Path, where: Places, join: Join) -> None:
    folder = _project(world)
    client = await join(worker_arguments=_FAST)
    prepared = await client.call(PREPARE, PrepareClone(str(folder), here(), items=()))
    act = CloneMachine(_SLOW, prepared.wish, str(folder), prepared.config_text)
    job = await _begun_step(client, "boot", act)
    await client.call(CANCEL, OnJob(job.id))
    async with asyncio.timeout(LONGEST_SECONDS):
        ended = await client.wait(job.id)
    assert ended.state is JobState.CANCELLED
    names = {machine.name for machine in (await client.call(FLEET, Nothing())).machines}
    assert prepared.wish.name not in names
