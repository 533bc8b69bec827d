"""What the next worker does about jobs of one that was killed, whatever they had written by then."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.model.acts import StartMachine
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore
from tests.engine.job_acts import Building, OneLane, Plain, made_in


@pytest.fixture
def folder(world: Path) -> Path:
    made = world / "built"
    made.mkdir()
    return made


@pytest.fixture
async def databases(world: Path) -> AsyncIterator[list[Database]]:
    opened = [await Database.open(world / "first.sqlite")]
    yield opened
    for database in opened:
        await database.close()


async def _left_by_a_dead_worker(databases: list[Database], handler: Building, world: Path) -> Job:
    """A job is under way at `handler.wait_at`; what is on disk at that moment is what the next one finds."""
    runner = JobRunner(JobStore(databases[0]), {StartMachine: handler})
    runner.recover()
    job = await runner.run(StartMachine("m"))
    async with asyncio.timeout(60):
        await handler.waiting.wait()
    await databases[0].run(lambda file: file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    shutil.copy(world / "first.sqlite", world / "second.sqlite")
    databases.append(await Database.open(world / "second.sqlite"))
    return job


async def _recovered(database: Database, handler: Building, job: Job) -> Job:
    runner = JobRunner(JobStore(database), {StartMachine: handler})
    await runner.load()
    assert not runner.job(job.id).state.ended
    runner.recover()
    async with asyncio.timeout(60):
        return await runner.wait(job.id)


@pytest.mark.parametrize("step", ["one", "two", "three"])
async def test_begun_steps_are_undone(
    databases: list[Database], world: Path, folder: Path, step: str
) -> None:
    job = await _left_by_a_dead_worker(databases, Building(folder, wait_at=step), world)
    assert made_in(folder) != []
    ended = await _recovered(databases[1], Building(folder), job)
    assert ended.state is JobState.ROLLED_BACK
    assert "died" in ended.note
    assert "undone" in ended.note
    assert made_in(folder) == []


async def test_without_an_undo_the_job_failed_and_says_so(
    databases: list[Database], world: Path, folder: Path
) -> None:
    job = await _left_by_a_dead_worker(databases, Plain(folder, wait_at="one"), world)
    ended = await _recovered(databases[1], Plain(folder), job)
    assert ended.state is JobState.FAILED
    assert "died" in ended.note


async def test_when_all_steps_were_done_it_succeeded(
    databases: list[Database], world: Path, folder: Path
) -> None:
    class SlowResult(Building):
        async def result(self, act: StartMachine, memory: object) -> dict[str, object]:
            self.waiting.set()
            await self.go_on.wait()
            return {}

    job = await _left_by_a_dead_worker(databases, SlowResult(folder), world)
    ended = await _recovered(databases[1], Building(folder), job)
    assert ended.state is JobState.SUCCEEDED
    assert ended.result is not None
    assert ended.result["machine"] == "m"
    assert "died" in ended.note


async def test_a_new_job_of_that_lane_waits_for_the_recovery(
    databases: list[Database], world: Path, folder: Path
) -> None:
    job = await _left_by_a_dead_worker(databases, OneLane(folder, wait_at="two"), world)
    handler = OneLane(folder)
    runner = JobRunner(JobStore(databases[1]), {StartMachine: handler})
    await runner.load()
    queued = await runner.run(StartMachine("n"))
    await asyncio.sleep(0.05)
    assert handler.begun == []
    runner.recover()
    assert (await runner.wait(queued.id)).state is JobState.SUCCEEDED
    assert runner.job(job.id).state is JobState.ROLLED_BACK


async def test_a_worker_that_is_stopped_before_recovery_leaves_it_to_the_next(
    databases: list[Database], world: Path, folder: Path
) -> None:
    job = await _left_by_a_dead_worker(databases, Building(folder, wait_at="two"), world)
    runner = JobRunner(JobStore(databases[1]), {StartMachine: Building(folder)})
    await runner.load()
    async with asyncio.timeout(60):
        await runner.close()
    assert made_in(folder) != []
    assert (await _recovered(databases[1], Building(folder), job)).state is JobState.ROLLED_BACK
    assert made_in(folder) == []
