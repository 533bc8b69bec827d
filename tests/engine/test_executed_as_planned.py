"""What a plan shows is what is done, and told afterwards; where the world changed since, nothing is done."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import get_args

import pytest

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.guest.execution import run as run_in_guest
from clonebox_tui.model import acts
from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import JobState
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import AgentState, Machine
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.snapshot_policy import SnapshotPolicy
from tests.engine.clone_workshop import WISH
from tests.engine.spying import Spy, run_as_planned

URI = "simulated://demo?machines=3&seed=1&transition=0.3&boot=0.3"
ELSEWHERE = {
    acts.BuildImage: "test_executed_as_planned_images",
    acts.ImportImage: "test_executed_as_planned_images",
    acts.RemoveImage: "test_executed_as_planned_images",
}


class Bench:
    """A running simulated machine with two snapshots, one below the other."""

    def __init__(self, engine: Engine, machine: Machine, home: Path) -> None:
        self.engine, self.machine, self.name, self.home = engine, machine.id, machine.name, home
        self.provider, self.uuid = engine.fleet.provider_of(machine.id)

    async def done(self, act: Act) -> None:
        job = await self.engine.jobs.wait((await self.engine.jobs.run(act)).id)
        assert job.state is JobState.SUCCEEDED, job.problem

    async def answers(self) -> None:
        def connected(machine: Machine | None) -> bool:
            return machine is not None and machine.agent is AgentState.CONNECTED

        assert await self.engine.fleet.wait_until(self.machine, connected, 60)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    engine = await Engine.open(World(places({"HOME": str(tmp_path)}, 0), uris=(URI,)))
    try:
        assert await engine.fleet.opened(60)
        engine.jobs.recover()
        machine = next(each for each in engine.fleet.machines.values() if each.name == "web-dev")
        made = Bench(engine, machine, tmp_path)
        await made.done(acts.CreateSnapshot(made.machine, "one"))
        await made.done(acts.CreateSnapshot(made.machine, "two"))
        yield made
    finally:
        await engine.close()


Deed = Callable[[Bench], Awaitable[None]]


async def _as_it_is(_bench: Bench) -> None:
    """Nothing."""


async def _killed(bench: Bench) -> None:
    await bench.provider.kill(bench.uuid)


async def _started(bench: Bench) -> None:
    await bench.provider.start(bench.uuid)


async def _paused(bench: Bench) -> None:
    await bench.provider.pause(bench.uuid)


async def _another_snapshot(bench: Bench) -> None:
    await bench.provider.create_snapshot(bench.uuid, "behind our back", "", True, False)


async def _labelled(bench: Bench) -> None:
    await bench.provider.write_labels(bench.uuid, Labels(note="another's"))


async def _other_policy(bench: Bench) -> None:
    Policies(bench.engine.world.places.config).write(bench.machine, SnapshotPolicy(9))


async def _hidden(bench: Bench) -> None:
    await bench.done(acts.TrashSnapshot(bench.machine, "two"))


async def _trashed(bench: Bench) -> None:
    await bench.done(acts.TrashMachine(bench.machine))


async def _purged(bench: Bench) -> None:
    await bench.done(acts.PurgeMachine(bench.machine))


async def _guarded(bench: Bench) -> None:
    await bench.done(acts.SetSnapshotPolicy(bench.machine, SnapshotPolicy(before_risky=True, keep_before=1)))
    await bench.done(acts.RebootMachine(bench.machine))
    await bench.answers()


async def _safeties(bench: Bench) -> None:
    for _ in range(3):
        await bench.done(acts.RestoreSnapshot(bench.machine, "one"))
        await bench.answers()


async def _file_changed(bench: Bench) -> None:
    (bench.home / "file").write_text("longer than before")


async def _name_taken(bench: Bench) -> None:
    await bench.done(_clone(bench))


async def _file_written(bench: Bench) -> None:
    agent = bench.engine.agent(bench.machine)
    await run_in_guest(agent, ["sh", "-c", "echo x > /tmp/back"])


def _copy(bench: Bench) -> Act:
    (bench.home / "file").write_text("brought")
    return acts.CopyToGuest(bench.machine, str(bench.home / "file"), "/tmp/file")


def _fetch(bench: Bench) -> Act:
    return acts.CopyFromGuest(bench.machine, "/tmp/back", str(bench.home / "fetched"))


async def _file_there(bench: Bench) -> None:
    await run_in_guest(bench.engine.agent(bench.machine), ["sh", "-c", "echo as it was > /tmp/back"])


def _clone(_bench: Bench) -> Act:
    return acts.CloneMachine(URI, WISH)


def _label(bench: Bench) -> Act:
    return acts.LabelMachine(bench.machine, Labels(("x",)), bench.engine.fleet.machine(bench.machine).labels)


def _fork(bench: Bench) -> Act:
    return acts.ForkMachine(bench.machine, ("fork-a", "fork-b"), "one", start=True)


def _back(bench: Bench) -> Act:
    return acts.RestorePath(bench.machine, "one", "/etc/hostname", "/tmp/back", bench.machine)


def _policy(bench: Bench) -> Act:
    return acts.SetSnapshotPolicy(bench.machine, SnapshotPolicy(6))


TABLE: tuple[tuple[Deed, Callable[[Bench], Act], Deed], ...] = (
    (_killed, lambda bench: acts.StartMachine(bench.machine), _started),
    (_as_it_is, lambda bench: acts.StopMachine(bench.machine), _killed),
    (_as_it_is, lambda bench: acts.KillMachine(bench.machine), _killed),
    (_as_it_is, lambda bench: acts.PauseMachine(bench.machine), _killed),
    (_paused, lambda bench: acts.ResumeMachine(bench.machine), _killed),
    (_as_it_is, lambda bench: acts.RebootMachine(bench.machine), _killed),
    (_guarded, lambda bench: acts.RebootMachine(bench.machine), _killed),
    (_as_it_is, _label, _labelled),
    (_as_it_is, lambda bench: acts.CreateSnapshot(bench.machine, "three"), _another_snapshot),
    (_as_it_is, lambda bench: acts.RestoreSnapshot(bench.machine, "one"), _another_snapshot),
    (_safeties, lambda bench: acts.RestoreSnapshot(bench.machine, "one"), _another_snapshot),
    (_as_it_is, lambda bench: acts.DeleteSnapshot(bench.machine, "one"), _another_snapshot),
    (_as_it_is, lambda bench: acts.DeleteSnapshot(bench.machine, "one", True), _another_snapshot),
    (_as_it_is, lambda bench: acts.TrashSnapshot(bench.machine, "one", True), _another_snapshot),
    (_hidden, lambda bench: acts.UntrashSnapshots(bench.machine, ("two",)), _another_snapshot),
    (_as_it_is, _fork, _another_snapshot),
    (_as_it_is, _back, _file_written),
    (_as_it_is, _copy, _file_changed),
    (_file_there, _fetch, _file_written),
    (_as_it_is, lambda bench: acts.BisectMachine(bench.machine, "one", ("true",)), _another_snapshot),
    (_as_it_is, _clone, _name_taken),
    (_as_it_is, _policy, _other_policy),
    (_as_it_is, lambda bench: acts.TrashMachine(bench.machine), _killed),
    (_trashed, lambda bench: acts.UntrashMachine(bench.machine, start=True), _purged),
    (_trashed, lambda bench: acts.PurgeMachine(bench.machine), _purged),
    (_as_it_is, lambda bench: acts.DeleteMachine(bench.machine), _killed),
)
"""What is done before, the act, and what changes the world once its plan was shown."""
_REFUSALS = (Code.PLAN_STALE, Code.WRONG_STATE, Code.MACHINE_NOT_FOUND, Code.NAME_TAKEN)


@pytest.mark.parametrize("spoilt", [False, True])
@pytest.mark.parametrize("row", range(len(TABLE)))
async def test_what_was_planned_is_what_is_done_and_nothing_once_the_world_is_another(
    bench: Bench, row: int, spoilt: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare, make, spoil = TABLE[row]
    await prepare(bench)
    act, jobs = make(bench), bench.engine.jobs
    plan = await jobs.plan(act, None)
    if spoilt:
        await spoil(bench)
    spy = Spy(bench.provider, bench.machine, bench.name, monkeypatch)
    if spoilt:
        with pytest.raises(ProblemError) as caught:
            await jobs.run(act, plan.fingerprint)
        assert caught.value.problem.code in _REFUSALS
        assert spy.calls == []
    else:
        await run_as_planned(jobs, act, plan)
        assert spy.told(spy.calls) == spy.planned(plan)


def test_no_act_is_left_out() -> None:
    here = {act.__name__ for act in get_args(Act)} - {act.__name__ for act in ELSEWHERE}
    names = "StartMachine StopMachine KillMachine PauseMachine ResumeMachine RebootMachine LabelMachine "
    names += "CreateSnapshot RestoreSnapshot DeleteSnapshot TrashSnapshot UntrashSnapshots ForkMachine "
    names += "RestorePath CopyToGuest CopyFromGuest SetSnapshotPolicy BisectMachine CloneMachine "
    names += "TrashMachine UntrashMachine PurgeMachine DeleteMachine"
    assert here == set(names.split())
