"""A job ends as it says: done, or undone; its lane, its log, its progress and its end are kept."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clonebox_tui.engine.job_list import NOTIFY_SECONDS
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.model.acts import KillMachine, StartMachine, StopMachine
from clonebox_tui.model.job import Job, JobState, StepState
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore
from tests.engine.job_acts import Building, OneLane, Plain, made_in


@pytest.fixture
async def database(world: Path) -> AsyncIterator[Database]:
    database = await Database.open(world / "jobs.sqlite")
    yield database
    await database.close()


@pytest.fixture
def folder(world: Path) -> Path:
    made = world / "built"
    made.mkdir()
    return made


def _runner(database: Database, handler: Building) -> JobRunner:
    runner = JobRunner(JobStore(database), {StartMachine: handler})
    runner.recover()
    return runner


async def _waiting(handler: Building) -> None:
    async with asyncio.timeout(60):
        await handler.waiting.wait()


async def test_a_job_does_its_steps_in_order_and_keeps_its_result(database: Database, folder: Path) -> None:
    handler = Building(folder)
    runner = _runner(database, handler)
    job = await runner.wait((await runner.run(StartMachine("m"))).id)
    assert job.state is JobState.SUCCEEDED
    assert handler.begun == ["m one", "m two", "m three"]
    assert [step.state for step in job.steps] == [StepState.DONE] * 3
    assert job.result == {
        "machine": "m",
        "paths": [str(folder / f"m-{name}") for name in ("one", "three", "two")],
    }
    story = [re.sub(r"\d+\.\d s", "0.0 s", line.text) for line in await runner.lines(job.id)]
    assert story[:5] == [
        "1/3 Make one",
        "  run: Path.touch('one')",
        "  like: touch one",
        "making one",
        "1/3 Make one: done in 0.0 s",
    ]
    assert [line for line in story if line.startswith("making")] == [
        "making one",
        "making two",
        "making three",
    ]


@pytest.mark.parametrize("step", ["one", "two", "three"])
async def test_a_failure_at_any_step_undoes_all_before_it(
    database: Database, folder: Path, step: str
) -> None:
    runner = _runner(database, Building(folder, fail_at=step))
    job = await runner.wait((await runner.run(StartMachine("m"))).id)
    assert job.state is JobState.ROLLED_BACK
    assert job.problem is not None
    assert job.problem.code is Code.DISK_FULL
    assert made_in(folder) == []
    told = [line.text for line in await runner.lines(job.id) if line.text.startswith("  run: ")]
    begun = Building.names[: Building.names.index(step) + 1]
    assert told == [f"  run: Path.touch({name!r})" for name in begun]


@pytest.mark.parametrize("step", ["one", "two", "three"])
async def test_a_cancel_at_any_step_undoes_all_before_it(database: Database, folder: Path, step: str) -> None:
    handler = Building(folder, wait_at=step)
    runner = _runner(database, handler)
    job = await runner.run(StartMachine("m"))
    await _waiting(handler)
    assert (await runner.cancel(job.id[:6])).state is JobState.CANCELLING
    job = await runner.wait(job.id)
    assert job.state is JobState.CANCELLED
    assert made_in(folder) == []


async def test_a_second_cancel_does_not_disturb_the_undo(database: Database, folder: Path) -> None:
    handler = Building(folder, wait_at="two")
    runner = _runner(database, handler)
    job = await runner.run(StartMachine("m"))
    await _waiting(handler)
    await asyncio.gather(runner.cancel(job.id), runner.cancel(job.id))
    ended = await runner.wait(job.id)
    assert (await runner.cancel(job.id)) == ended
    assert ended.state is JobState.CANCELLED
    assert made_in(folder) == []


async def test_an_undo_that_fails_is_told_with_what_is_left(database: Database, folder: Path) -> None:
    runner = _runner(database, Building(folder, fail_at="three", undo_fails_at="one"))
    job = await runner.wait((await runner.run(StartMachine("m"))).id)
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem.details == ("Left from “Make one”: one may not be removed.",)
    assert made_in(folder) == ["m-one"]


async def test_a_failure_with_nothing_to_undo_is_plainly_failed(database: Database, folder: Path) -> None:
    runner = _runner(database, Plain(folder, fail_at="one"))
    job = await runner.wait((await runner.run(StartMachine("m"))).id)
    assert job.state is JobState.FAILED


async def test_one_lane_runs_one_job_after_the_other_and_lanes_run_beside_each_other(
    database: Database, folder: Path
) -> None:
    handler = Building(folder, wait_at="two")
    runner = _runner(database, handler)
    first = await runner.run(StartMachine("a"))
    await _waiting(handler)
    with pytest.raises(ProblemError) as refused:
        await runner.run(StartMachine("a"))
    assert refused.value.problem.code is Code.MACHINE_BUSY
    assert first.id in refused.value.problem.why
    handler.waiting.clear()
    other = await runner.run(StartMachine("b"))
    await _waiting(handler)
    assert handler.begun == ["a one", "a two", "b one", "b two"]
    handler.go_on.set()
    ended = [await runner.wait(job.id) for job in (first, other)]
    assert [job.state for job in ended] == [JobState.SUCCEEDED] * 2


async def test_a_queued_job_says_what_it_waits_for_and_can_be_cancelled(
    database: Database, folder: Path
) -> None:
    handler = OneLane(folder, wait_at="one")
    runner = _runner(database, handler)
    first = await runner.run(StartMachine("a"))
    await _waiting(handler)
    queued = runner.job((await runner.run(StartMachine("b"))).id)
    assert queued.state is JobState.QUEUED
    assert queued.progress is not None
    assert first.id in queued.progress.phase
    assert (await runner.cancel(queued.id)).state is JobState.CANCELLED
    handler.go_on.set()
    assert (await runner.wait(first.id)).state is JobState.SUCCEEDED
    assert handler.begun == ["a one", "a two", "a three"]


async def test_a_kill_does_not_wait_for_a_guest_that_was_asked_to_stop(
    database: Database, folder: Path
) -> None:
    stopping, killing = Building(folder, wait_at="one"), Building(folder)
    runner = JobRunner(JobStore(database), {StopMachine: stopping, KillMachine: killing})
    runner.recover()
    elsewhere = await runner.run(StopMachine("b"))
    await _waiting(stopping)
    stopping.waiting.clear()
    stop = await runner.run(StopMachine("a"))
    await _waiting(stopping)
    async with asyncio.timeout(60):
        kill = await runner.wait((await runner.run(KillMachine("a"))).id)
    assert kill.state is JobState.SUCCEEDED
    assert (await runner.wait(stop.id)).state is JobState.CANCELLED
    assert runner.job(elsewhere.id).state is JobState.RUNNING
    stopping.go_on.set()
    assert (await runner.wait(elsewhere.id)).state is JobState.SUCCEEDED


async def test_a_stale_plan_is_refused_also_when_it_goes_stale_in_the_queue(
    database: Database, folder: Path
) -> None:
    handler = OneLane(folder, wait_at="one")
    runner = _runner(database, handler)
    with pytest.raises(ProblemError) as refused:
        await runner.run(StartMachine("a"), "another world")
    assert refused.value.problem.code is Code.PLAN_STALE
    await runner.run(StartMachine("a"), "world 1")
    await _waiting(handler)
    queued = await runner.run(StartMachine("b"), "world 1")
    handler.fingerprint = "world 2"
    handler.go_on.set()
    job = await runner.wait(queued.id)
    assert job.problem is not None
    assert job.problem.code is Code.PLAN_STALE
    assert not any(begun.startswith("b") for begun in handler.begun)


async def test_a_step_that_breaks_is_undone_like_any_other(database: Database, folder: Path) -> None:
    class Breaking(Building):
        async def result(self, act: object, memory: object) -> dict[str, object]:
            raise ZeroDivisionError("no result")

    runner = _runner(database, Breaking(folder))
    job = await runner.wait((await runner.run(StartMachine("m"))).id)
    assert job.state is JobState.ROLLED_BACK
    assert job.problem is not None
    assert "ZeroDivisionError" in job.problem.why
    assert made_in(folder) == []


async def test_progress_is_told_at_a_bounded_rate_and_the_end_always(
    database: Database, folder: Path
) -> None:
    class Chatty(Plain):
        async def steps(self, act: StartMachine, memory: object) -> list:  # type: ignore[type-arg]
            [step] = await super().steps(act, {})

            async def do(run) -> None:  # type: ignore[no-untyped-def]
                for done in range(3_000):
                    run.progress("counting", done, 3_000, "steps")
                    if done % 100 == 0:
                        await asyncio.sleep(0.01)

            return [type(step)(step.name, step.title, do)]

    heard: list[Job] = []
    runner = _runner(database, Chatty(folder))
    runner.subscribe(heard.append)
    began = time.monotonic()
    job = await runner.wait((await runner.run(StartMachine("m"))).id)
    seconds = time.monotonic() - began
    counting = [each for each in heard if each.progress]
    assert 1 <= len(counting) <= 5 + seconds / NOTIFY_SECONDS
    assert counting[-1].progress is not None
    assert counting[-1].progress.rate
    assert counting[-1].progress.eta_seconds is not None
    assert heard[-1] == job
    assert job.state is JobState.SUCCEEDED


async def test_unknown_and_ambiguous_ids_are_told_apart(database: Database, folder: Path) -> None:
    runner = _runner(database, Building(folder))
    for machine in "abcdefghijklmnopqrs":
        await runner.run(StartMachine(machine))
    with pytest.raises(ProblemError) as unknown:
        runner.job("zz")
    with pytest.raises(ProblemError) as empty:
        runner.job("")
    first_letters = [job.id[0] for job in runner.jobs()]
    twice = next(letter for letter in first_letters if first_letters.count(letter) > 1)
    with pytest.raises(ProblemError) as ambiguous:
        runner.job(twice)
    assert unknown.value.problem.code is Code.JOB_NOT_FOUND
    assert empty.value.problem.code in (Code.JOB_NOT_FOUND, Code.AMBIGUOUS)
    assert ambiguous.value.problem.code is Code.AMBIGUOUS
    await runner.close()


async def test_closing_cancels_and_undoes_and_refuses_new_jobs(database: Database, folder: Path) -> None:
    handler = Building(folder, wait_at="two")
    runner = _runner(database, handler)
    job = await runner.run(StartMachine("m"))
    await _waiting(handler)
    await runner.close()
    assert runner.job(job.id).state is JobState.CANCELLED
    assert made_in(folder) == []
    with pytest.raises(ProblemError) as refused:
        await runner.run(StartMachine("n"))
    assert refused.value.problem.code is Code.WORKER_UNAVAILABLE
