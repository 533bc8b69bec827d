"""What one front end does the other sees; what the worker loses is found again."""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from typing import TypeVar

import pytest

from clonebox_tui.client import Client, Event, LinkBack, LinkLost
from clonebox_tui.client.early import begin
from clonebox_tui.model.acts import PauseMachine, StopMachine
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import Machine, State, by_name
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.rpc import (
    CANCEL,
    FLEET,
    JOB,
    JOBS,
    STOP,
    FleetChanged,
    JobsChanged,
    Nothing,
    OnJob,
    Samples,
    StopWorker,
    Watch,
)
from tests.worker.conftest import LONGEST_SECONDS, SIMULATED, Join, ended

E = TypeVar("E")


def _paused(machine: Machine) -> Callable[[FleetChanged], bool]:
    return lambda event: any(each.id == machine.id and each.state is State.PAUSED for each in event.machines)


class Heard:
    """Everything a front end was told."""

    def __init__(self, client: Client) -> None:
        self.events: list[Event] = []
        self._came = asyncio.Event()
        client.listen(self._hear)

    def _hear(self, event: Event) -> None:
        self.events.append(event)
        self._came.set()

    async def until(self, kind: type[E], fits: Callable[[E], bool] = lambda _: True) -> E:
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                for event in self.events:
                    if isinstance(event, kind) and fits(event):
                        return event
                self._came.clear()
                await self._came.wait()


async def _running(client: Client) -> Machine:
    fleet = await client.call(FLEET, Nothing())
    return next(machine for machine in fleet.machines if machine.state is State.RUNNING)


async def test_both_see_the_same_jobs_and_machines(join: Join) -> None:
    one, other = await join(), await join()
    machine = await _running(one)
    heard = Heard(other)
    await other.watch(Watch(samples=False))
    job = await one.wait((await one.run(PauseMachine(machine.id))).id)
    assert job.state is JobState.SUCCEEDED
    assert (await other.call(JOB, OnJob(job.id))) == job
    assert (await other.call(JOBS, Nothing())).jobs == (job,)
    assert await heard.until(FleetChanged, _paused(machine))
    told = await heard.until(JobsChanged)
    assert {each.id for each in told.jobs} == {job.id}


async def test_samples_come_to_who_asked_only(join: Join) -> None:
    one, other = await join(), await join()
    hears, does_not = Heard(one), Heard(other)
    await other.watch(Watch(samples=False))
    await one.watch(Watch())
    assert await hears.until(Samples, lambda samples: bool(samples.readings))
    assert not any(isinstance(event, Samples) for event in does_not.events)


async def test_an_early_connection_has_the_list_already(where: Places, join: Join) -> None:
    await join()
    early = begin(where, demo=True)
    assert early.connected is not None
    client = await join(early=early)
    assert len((await client.fleet()).machines) == 4
    await client.watch(Watch())
    await Heard(client).until(Samples)


async def test_what_stands_in_the_first_list_is_not_told_again(where: Places, join: Join) -> None:
    early = begin(where, demo=True, worker_arguments=("--connect", SIMULATED))
    client = await join(early=early)
    heard = Heard(client)
    assert len((await client.fleet()).machines) == 4
    machine = await _running(client)
    await client.run(PauseMachine(machine.id))
    changed = await heard.until(FleetChanged, _paused(machine))
    told = [event for event in heard.events if isinstance(event, FleetChanged) and event.machines]
    assert told[0] == changed


async def test_a_first_list_can_be_as_short_as_a_screen(where: Places, join: Join) -> None:
    await join()
    client = await join(early=begin(where, demo=True, first=3))
    first = await client.fleet()
    whole = await client.fleet()
    assert len(first.machines) == 3
    assert first.more == 1
    assert len(whole.machines) == 4
    assert whole.more == 0
    assert list(first.machines) == sorted(whole.machines, key=by_name)[:3]


async def test_an_early_connection_starts_the_worker_too(where: Places, join: Join) -> None:
    early = begin(where, demo=True, worker_arguments=("--connect", SIMULATED))
    client = await join(early=early)
    assert len((await client.fleet()).machines) == 4


async def test_a_killed_worker_is_replaced_and_its_job_accounted_for(where: Places, join: Join) -> None:
    client = await join()
    heard = Heard(client)
    job = await client.run(StopMachine((await _running(client)).id))
    waiting = asyncio.create_task(client.wait(job.id))
    await heard.until(JobsChanged)
    os.kill(client.welcome.pid, signal.SIGKILL)
    await heard.until(LinkLost)
    await heard.until(LinkBack)
    async with asyncio.timeout(LONGEST_SECONDS):
        after = await waiting
    assert after.state in (JobState.FAILED, JobState.ROLLED_BACK)
    assert "died" in after.note
    whole = [event for event in heard.events if isinstance(event, FleetChanged) and event.whole]
    assert len(whole) == 1
    log = [json.loads(line) for line in where.worker_log.read_text().splitlines()]
    assert {entry.get("job") for entry in log if "job" in entry["message"]} == {job.id}


async def test_what_was_missed_is_sent_by_the_last_event_seen(join: Join) -> None:
    one, other = await join(), await join()
    machine = await _running(one)
    before = (await other.call(FLEET, Nothing())).event
    saw = Heard(one)
    await one.watch(Watch(samples=False))
    await one.run(PauseMachine(machine.id))
    told = await saw.until(FleetChanged, _paused(machine))
    heard = Heard(other)
    await other.watch(Watch(samples=False, since=before))
    assert told in heard.events
    heard.events.clear()
    await other.watch(Watch(samples=False, since=1))
    assert [event.whole for event in heard.events if isinstance(event, FleetChanged)] == [True]


async def test_a_worker_with_jobs_stays_unless_forced_and_then_undoes_them(where: Places, join: Join) -> None:
    client = await join()
    watching = Heard(client)
    await client.watch(Watch(samples=False))
    job = await client.run(StopMachine((await _running(client)).id))
    with pytest.raises(ProblemError) as refused:
        await client.call(STOP, StopWorker())
    assert refused.value.problem.code is Code.MACHINE_BUSY
    pid = client.welcome.pid
    waiting = asyncio.create_task(client.wait(job.id))
    await client.call(STOP, StopWorker(force=True))
    assert (await waiting).state is JobState.CANCELLED
    await watching.until(LinkLost)
    assert await asyncio.to_thread(ended, pid)


async def test_sigterm_ends_the_worker_in_order(where: Places, join: Join) -> None:
    client = await join()
    job = await client.run(StopMachine((await _running(client)).id))
    pid = client.welcome.pid
    await client.close()
    os.kill(pid, signal.SIGTERM)
    assert await asyncio.to_thread(ended, pid)
    assert not where.socket.exists()
    again = await join()
    assert (await again.call(JOB, OnJob(job.id))).state is JobState.CANCELLED


async def test_a_job_is_cancelled_from_the_other_front_end(join: Join) -> None:
    one, other = await join(), await join()
    job = await one.run(StopMachine((await _running(one)).id))
    waiting = asyncio.create_task(one.wait(job.id))
    await other.call(CANCEL, OnJob(job.id[:5]))
    async with asyncio.timeout(LONGEST_SECONDS):
        assert (await waiting).state is JobState.CANCELLED


async def test_a_read_only_front_end_changes_nothing(join: Join) -> None:
    client = await join(readonly=True)
    machine = await _running(client)
    with pytest.raises(ProblemError) as refused:
        await client.run(PauseMachine(machine.id))
    assert refused.value.problem.code is Code.READ_ONLY
    assert (await client.call(JOBS, Nothing())).jobs == ()


async def test_a_read_only_worker_changes_nothing(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLONEBOX_READONLY", "1")
    client = await join()
    machine = await _running(client)
    with pytest.raises(ProblemError) as refused:
        await client.run(PauseMachine(machine.id))
    assert refused.value.problem.code is Code.READ_ONLY
