"""Proves that a job can be asked again, word for word or not at all, and no secret is kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from clonebox_tui.engine.asked import Asked
from clonebox_tui.engine.job_list import JOBS_KEPT
from clonebox_tui.model.acts import Act, CloneMachine, StopMachine, tag
from clonebox_tui.model.environment import MachineWish
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.secrets import without_secrets
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore, KeptJob

STOP = StopMachine("qemu:///session/one", 33.0)


@pytest.fixture
async def store(world: Path) -> AsyncIterator[JobStore]:
    database = await Database.open(world / "jobs.sqlite")
    yield JobStore(database)
    await database.close()


async def _ended(store: JobStore, act: Act, state: JobState = JobState.FAILED) -> Job:
    job = Job("abc", tag(act), "Do it", state, 1.0)
    await store.add(KeptJob(job, "lane", without_secrets(act)))
    return job


def _clone(folder: Path, *commands: str, text: str = "") -> CloneMachine:
    wish = MachineWish("shop", 1, 2**30, 2**33, "mia", 1000, post_commands=commands)
    return CloneMachine("qemu:///session", wish, str(folder), text)


async def test_a_job_of_a_worker_that_is_gone_is_asked_again_as_it_was(store: JobStore) -> None:
    assert await Asked(store).again(await _ended(store, STOP)) == STOP


async def test_a_job_that_runs_is_not(store: JobStore) -> None:
    with pytest.raises(ProblemError) as refused:
        await Asked(store).again(await _ended(store, STOP, JobState.RUNNING))
    assert refused.value.problem.code is Code.WRONG_STATE


async def test_commands_are_there_while_the_worker_lives_and_refused_afterwards(
    store: JobStore, world: Path
) -> None:
    act = _clone(world, "mysql -p'hunter2'")
    job = await _ended(store, act)
    asked = Asked(store)
    asked.remember(job, act)
    assert await asked.again(job) == act
    with pytest.raises(ProblemError) as refused:
        await Asked(store).again(job)
    assert refused.value.problem.code is Code.NOT_SUPPORTED
    assert "clonebox-tui clone" in refused.value.problem.next


async def test_a_project_file_that_lies_there_is_not_written_again(store: JobStore, world: Path) -> None:
    act = _clone(world, text="version: 2\n")
    job = await _ended(store, act)
    with pytest.raises(ProblemError):
        await Asked(store).again(job)
    asked = Asked(store)
    asked.remember(job, act)
    assert await asked.again(job) == act
    (world / ".clonebox.yaml").touch()
    bare = msgspec.structs.replace(act, config_text="")
    assert await asked.again(job) == bare
    assert await Asked(store).again(job) == bare


async def test_what_is_remembered_is_bounded(store: JobStore) -> None:
    asked = Asked(store)
    first = await _ended(store, STOP)
    asked.remember(first, msgspec.structs.replace(STOP, timeout_seconds=1.0))
    for number in range(JOBS_KEPT):
        asked.remember(msgspec.structs.replace(first, id=f"j{number}"), STOP)
    assert await asked.again(first) == STOP
