"""Before a risky act the machine is kept as it is, where its policy says so, and one can go back to that."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.engine.job_run import JobRun
from clonebox_tui.engine.journal import Journal
from clonebox_tui.engine.recovery import recover
from clonebox_tui.guest.execution import run as run_in_guest
from clonebox_tui.model.acts import (
    Act,
    CopyToGuest,
    CreateSnapshot,
    KillMachine,
    LabelMachine,
    RebootMachine,
    RestorePath,
    SetSnapshotPolicy,
)
from clonebox_tui.model.job import Job, JobState, JobStep, StepState
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import State
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.model.snapshot_policy import BEFORE_MARK, SnapshotPolicy, fault, is_before, words
from clonebox_tui.model.undo import OnDeed, Undo
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore
from tests.engine.test_lifecycle import Notes

URI = "simulated://demo?machines=3&seed=1&transition=0.3&boot=0.3"
POLICY = SnapshotPolicy(before_risky=True, keep_before=2)


class Bench:
    """A running simulated machine of which snapshots are taken before risky acts."""

    def __init__(self, engine: Engine, machine: str, folder: Path) -> None:
        self.engine, self.machine = engine, machine
        self.file = folder / "brought"
        self.file.write_text("new\n")
        self.copy = CopyToGuest(machine, str(self.file), "/etc/hostname")

    async def job(self, act: Act) -> Job:
        plan = await self.engine.jobs.plan(act, None)
        return await self.engine.jobs.wait((await self.engine.jobs.run(act, plan.fingerprint)).id)

    async def done(self, act: Act) -> dict[str, object]:
        job = await self.job(act)
        assert job.state is JobState.SUCCEEDED, job.problem
        return job.result or {}

    async def kept(self) -> list[Snapshot]:
        """The snapshots before risky acts."""
        provider, uuid = self.engine.fleet.provider_of(self.machine)
        return [each for each in await provider.snapshots(uuid) if is_before(each)]

    async def guest(self, script: str) -> str:
        agent = self.engine.agent(self.machine)
        return (await run_in_guest(agent, ["sh", "-c", script])).text


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    engine = await Engine.open(World(places({"HOME": str(tmp_path)}, 0), uris=(URI,)))
    assert await engine.fleet.opened(60)
    engine.jobs.recover()
    running = next(each for each in engine.fleet.machines.values() if each.state is State.RUNNING)
    made = Bench(engine, running.id, tmp_path)
    await made.done(SetSnapshotPolicy(running.id, POLICY))
    yield made
    await engine.close()


async def test_each_risky_act_shows_and_takes_one_first(bench: Bench) -> None:
    machine = bench.machine
    await bench.done(CreateSnapshot(machine, "start"))
    name = "/etc/hostname"
    for act in (bench.copy, RebootMachine(machine), RestorePath(machine, "start", name, name, machine)):
        plan = await bench.engine.jobs.plan(act, None)
        assert plan.steps[0].name == "before-take"
        assert "before-" in plan.steps[0].call + plan.steps[0].equivalent
        assert plan.steps[-1].name == "before-tidy"
        assert plan.bytes_needed > 0
        assert plan.downtime_seconds
        assert plan.reversible
        assert any("policy" in note for note in plan.notes)
        before = str((await bench.done(act))["before"])
        (taken,) = [each for each in await bench.kept() if each.name == before]
        assert taken.description.startswith("before ")
        assert taken.memory
    # On this host nothing of the machine changes.
    plan = await bench.engine.jobs.plan(RestorePath(machine, "start", name, str(bench.file)), None)
    assert all(not step.name.startswith("before-") for step in plan.steps)


async def test_the_last_are_kept_and_no_one_elses_is_pruned(bench: Bench) -> None:
    mine = "before-mine"
    await bench.done(CreateSnapshot(bench.machine, mine, "before I tried"))
    names = []
    for number in range(4):
        bench.file.write_text(str(number))
        names.append((await bench.done(bench.copy))["before"])
    assert [each.name for each in await bench.kept()] == names[-2:]
    provider, uuid = bench.engine.fleet.provider_of(bench.machine)
    assert mine in [each.name for each in await provider.snapshots(uuid)]


async def test_undo_goes_back_to_it(bench: Bench) -> None:
    before = await bench.guest("cat /etc/hostname")
    await bench.done(bench.copy)
    assert await bench.guest("cat /etc/hostname") == "new\n"
    planned = await bench.engine.history.plan(OnDeed())
    assert planned.plan.destructive
    job = await bench.engine.history.run(Undo(planned.deed.id, False, planned.plan.fingerprint))
    assert (await bench.engine.jobs.wait(job.id)).state is JobState.SUCCEEDED
    assert await bench.guest("cat /etc/hostname") == before


async def test_other_acts_need_none_and_nothing_stands_before_a_kill(bench: Bench) -> None:
    before = bench.engine.fleet.machine(bench.machine).labels
    await bench.done(LabelMachine(bench.machine, Labels(note="x"), before))
    await bench.done(KillMachine(bench.machine))
    assert await bench.kept() == []


async def test_without_the_policy_none_is_taken_and_a_plan_made_with_it_is_stale(bench: Bench) -> None:
    plan = await bench.engine.jobs.plan(bench.copy, None)
    await bench.done(SetSnapshotPolicy(bench.machine, SnapshotPolicy()))
    with pytest.raises(ProblemError) as caught:
        await bench.engine.jobs.run(bench.copy, plan.fingerprint)
    assert caught.value.problem.code is Code.PLAN_STALE
    assert "before" not in await bench.done(bench.copy)
    assert await bench.kept() == []


async def _failing(bench: Bench, operation: str) -> str:
    """A running machine of another connection, where an operation fails; with the policy, too."""
    uri = f"{URI}&fail={operation}"
    bench.engine.fleet.add(uri)
    assert await bench.engine.fleet.opened(60)
    machines = [each for each in bench.engine.fleet.machines.values() if each.connection == uri]
    bench.machine = next(each.id for each in machines if each.state is State.RUNNING)
    await bench.done(SetSnapshotPolicy(bench.machine, POLICY))
    return bench.machine


async def test_an_act_that_fails_leaves_the_snapshot(bench: Bench) -> None:
    job = await bench.job(RebootMachine(await _failing(bench, "ask_to_reboot")))
    # Not rolled back: that the snapshot has an undo takes back no reboot.
    assert job.state is JobState.FAILED
    assert len(await bench.kept()) == 1


async def test_a_snapshot_that_fails_keeps_the_act_from_being_done(bench: Bench) -> None:
    job = await bench.job(RebootMachine(await _failing(bench, "create_snapshot")))
    assert job.state is JobState.ROLLED_BACK
    assert [step.name for step in job.steps if step.state is StepState.PENDING] == [
        "reboot",
        "back",
        "before-tidy",
    ]
    assert await bench.kept() == []


async def test_another_worker_finds_the_same_steps_and_only_a_half_taken_one_goes(bench: Bench) -> None:
    handler, act, name = bench.engine.handlers[RebootMachine], RebootMachine(bench.machine), "before-x"
    provider, uuid = bench.engine.fleet.provider_of(bench.machine)
    names = [step.name for step in await handler.steps(act, {})]
    assert names == ["before-take", "reboot", "back", "before-tidy"]
    assert [step.name for step in await handler.steps(act, {"agent": True})] == ["reboot", "back"]
    await bench.done(SetSnapshotPolicy(bench.machine, SnapshotPolicy()))
    for known, stays in (({"before": name}, True), ({}, False)):
        notes = Notes()
        await notes.remember(taking=name, parking=False, **known)
        steps = await handler.steps(act, notes.memory)
        assert [step.name for step in steps] == names
        if not stays:
            await provider.delete_snapshot(uuid, name, children=False)
        await provider.create_snapshot(uuid, name, BEFORE_MARK, memory=True, safety=False)
        await steps[0].undo(notes)
        assert (len(await bench.kept()) == 1) is stays


@pytest.mark.parametrize(
    ("running", "state", "note"),
    [
        ("before-take", JobState.ROLLED_BACK, "what it had done was undone"),
        ("reboot", JobState.FAILED, "how far it came is not known"),
        ("back", JobState.FAILED, "how far it came is not known"),
        ("before-tidy", JobState.SUCCEEDED, "the rest of it was done then"),
    ],
)
async def test_a_reboot_whose_worker_died_is_never_called_undone(
    bench: Bench, tmp_path: Path, running: str, state: JobState, note: str
) -> None:
    act, handler = RebootMachine(bench.machine), bench.engine.handlers[RebootMachine]
    taken = {} if running == "before-take" else {"before": "before-x"}
    memory = {"taking": "before-x", "parking": False, **taken}
    names = [step.name for step in await handler.steps(act, memory)]
    states = [StepState.DONE] * names.index(running) + [StepState.RUNNING]
    states += [StepState.PENDING] * (len(names) - len(states))
    steps = tuple(map(JobStep, names, names, states))
    job = Job("dead", "machine.reboot", "Reboot", JobState.RUNNING, 0.0, steps=steps)
    database = await Database.open(tmp_path / "dead.sqlite")
    journal = Journal(JobStore(database), job, lambda _job, _more: None, memory=memory)
    await recover(handler, act, JobRun(journal), journal, begun=True)
    await database.close()
    assert journal.job.state is state
    assert note in journal.job.note


def test_the_words_and_the_faults_of_such_a_policy() -> None:
    assert words(POLICY) == "before risky acts, keeping the last 2"
    assert words(SnapshotPolicy(6, before_risky=True)) == (
        "every 6 h, keeping the last 3; before risky acts, keeping the last 3"
    )
    assert fault(SnapshotPolicy(before_risky=True, keep_before=0))
    assert not POLICY.active  # no worker stays for it
