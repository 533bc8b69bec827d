"""Whatever was done to a simulated fleet: all of it undone, it is as it was; redone, as it was then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.model.acts import (
    Act,
    CreateSnapshot,
    KillMachine,
    LabelMachine,
    PauseMachine,
    PurgeMachine,
    RestoreSnapshot,
    ResumeMachine,
    SetSnapshotPolicy,
    StartMachine,
    StopMachine,
    TrashMachine,
    TrashSnapshot,
    tag,
)
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import State
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.rules import why_not
from clonebox_tui.model.snapshot_policy import SnapshotPolicy
from clonebox_tui.model.undo import OnDeed, Undo

URI = "simulated://demo?machines=3&seed=1&transition=0.001&boot=0.001"
_ON = (State.RUNNING, State.PAUSED)
MOVES = (
    StartMachine,
    StopMachine,
    PauseMachine,
    ResumeMachine,
    TrashMachine,
    "label",
    "policy",
    "restore",
    "take",
    "drop",
)
_RESTORES = 2
"""So many can be taken back: the last three safety snapshots are kept, and an undo takes one itself."""


@asynccontextmanager
async def _engine(home: Path) -> AsyncIterator[Engine]:
    engine = await Engine.open(World(places({"HOME": str(home)}, 0), uris=(URI,)))
    try:
        assert await engine.fleet.opened(60)
        engine.jobs.recover()
        yield engine
    finally:
        await engine.close()


async def _done(engine: Engine, act: Act) -> Job:
    job = await engine.jobs.wait((await engine.jobs.run(act)).id)
    assert job.state is JobState.SUCCEEDED, job
    return job


async def _take(engine: Engine, redo: bool = False) -> Job:
    planned = await engine.history.plan(OnDeed(redo=redo))
    job = await engine.history.run(Undo(planned.deed.id, redo, planned.plan.fingerprint))
    job = await engine.jobs.wait(job.id)
    assert job.state is JobState.SUCCEEDED, job
    return job


async def _taken(engine: Engine) -> bool:
    """Undo; False where there was nothing left to take back: a paused machine comes back running."""
    try:
        await _take(engine)
    except ProblemError as error:
        if error.problem.code is not Code.WRONG_STATE or "any more" not in error.problem.what:
            raise
        return False
    return True


async def _world(engine: Engine) -> dict[str, object]:
    """All a person would compare: names, on or off, labels, policies, where in the tree each machine is."""
    found: dict[str, object] = {"policies": Policies(engine.world.places.config).all()}
    for machine in engine.fleet.machines.values():
        provider, uuid = engine.fleet.provider_of(machine.id)
        seen = engine.hidden.visible(machine.id, await provider.snapshots(uuid))
        snapshots = {each.name: each for each in seen}
        at = next((each for each in snapshots.values() if each.current), None)
        while at is not None and at.safety:
            at = snapshots.get(at.parent)
        own = frozenset(name for name, each in snapshots.items() if not each.safety)
        found[machine.name] = (machine.state in _ON, machine.labels, own, at.name if at else "")
    return found


async def _seen(engine: Engine, machine: str) -> set[str]:
    provider, uuid = engine.fleet.provider_of(machine)
    return {each.name for each in engine.hidden.visible(machine, await provider.snapshots(uuid))}


async def _act(engine: Engine, move: object, index: int, restores: int) -> Act | None:
    """The move as an act on one of the machines there are; None where it cannot be made now."""
    machines = sorted(engine.fleet.machines.values(), key=lambda each: each.name)
    if not machines:
        return None
    machine = machines[index % len(machines)]
    act: Act
    if move == "label":
        act = LabelMachine(machine.id, Labels((f"tag{index}",), "g", f"{machine.note}x"), machine.labels)
    elif move == "policy":
        policy = SnapshotPolicy(float(index), keep_last=len(engine.jobs.jobs()) + 1)
        act = SetSnapshotPolicy(machine.id, policy)
    elif move == "take":
        act = CreateSnapshot(machine.id, f"taken-{index}-{len(engine.jobs.jobs())}")
    elif move in ("restore", "drop"):
        provider, uuid = engine.fleet.provider_of(machine.id)
        names = sorted(each.name for each in await provider.snapshots(uuid) if not each.safety)
        names = [name for name in names if name in await _seen(engine, machine.id)]
        if not names or (move == "restore" and restores >= _RESTORES):
            return None
        name = names[index % len(names)]
        drop = TrashSnapshot(machine.id, name, children=index % 2 == 0)
        act = drop if move == "drop" else RestoreSnapshot(machine.id, name)
    else:
        assert isinstance(move, type)
        act = move(machine.id)
    return None if why_not(tag(act), machine) else act


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 20)), min_size=1, max_size=7))
def test_undo_of_everything_is_the_beginning(moves: list[tuple[object, int]]) -> None:
    async def there_and_back(home: Path) -> None:
        async with _engine(home) as engine:
            worlds, restores = [await _world(engine)], 0
            for move, index in moves:
                act = await _act(engine, move, index, restores)
                if act is None:
                    continue
                restores += isinstance(act, RestoreSnapshot)
                await _done(engine, act)
                worlds.append(await _world(engine))
            passed_over = 0
            for before in reversed(worlds[:-1]):
                passed_over += not await _taken(engine)
                assert await _world(engine) == before
            with pytest.raises(ProblemError, match="nothing to undo"):
                await engine.history.plan(OnDeed())
            if not restores and not passed_over:
                for after in worlds[1:]:
                    await _take(engine, redo=True)
                    assert await _world(engine) == after

    with TemporaryDirectory() as home:
        asyncio.run(there_and_back(Path(home)))


async def _named(engine: Engine, name: str) -> str:
    return next(each.id for each in engine.fleet.machines.values() if each.name == name)


async def test_what_changed_meanwhile_is_refused_once_and_passed_over(tmp_path: Path) -> None:
    async with _engine(tmp_path) as engine:
        first, second = await _named(engine, "db"), await _named(engine, "build")
        await _done(engine, LabelMachine(first, Labels(note="mine"), engine.fleet.machine(first).labels))
        before = engine.fleet.machine(second).labels
        await _done(engine, LabelMachine(second, Labels(note="mine"), before))
        provider, uuid = engine.fleet.provider_of(second)
        await provider.write_labels(uuid, Labels(note="another's"))
        with pytest.raises(ProblemError) as caught:
            await engine.history.plan(OnDeed())
        assert "cannot be undone any more" in caught.value.problem.what
        assert caught.value.problem.code is Code.PLAN_STALE
        assert (await engine.history.plan(OnDeed())).deed.machine == first
        lost = (await engine.history.deeds())[0]
        assert (lost.machine, lost.why_not != "") == (second, True)


async def test_a_policy_that_was_changed_again_is_not_undone(tmp_path: Path) -> None:
    async with _engine(tmp_path) as engine:
        machine, policies = await _named(engine, "db"), Policies(engine.world.places.config)
        await _done(engine, SetSnapshotPolicy(machine, SnapshotPolicy(6)))
        policies.write(machine, SnapshotPolicy(1))
        with pytest.raises(ProblemError) as caught:
            await engine.history.plan(OnDeed())
        assert caught.value.problem.code is Code.PLAN_STALE
        assert policies.of(machine) == SnapshotPolicy(1)


async def test_what_can_never_be_undone_says_why(tmp_path: Path) -> None:
    async with _engine(tmp_path) as engine:
        await _done(engine, KillMachine(await _named(engine, "db")))
        (deed,) = await engine.history.deeds()
        assert "lost" in deed.why_not
        with pytest.raises(ProblemError) as caught:
            await engine.history.plan(OnDeed(deed.id))
        assert caught.value.problem.code is Code.WRONG_STATE


async def test_what_was_purged_is_gone(tmp_path: Path) -> None:
    async with _engine(tmp_path) as engine:
        machine = await _named(engine, "db")
        before = engine.fleet.machine(machine).labels
        await _done(engine, LabelMachine(machine, Labels(note="one"), before))
        await _done(engine, TrashMachine(machine))
        await _done(engine, PurgeMachine(machine))
        other = await _named(engine, "build")
        _, trashed, labelled = await engine.history.deeds()
        assert trashed.why_not == labelled.why_not == "db was deleted for good since."
        with pytest.raises(ProblemError, match="nothing to undo"):
            await engine.history.plan(OnDeed())
        await _done(engine, LabelMachine(other, Labels(note="kept"), engine.fleet.machine(other).labels))
        assert (await engine.history.plan(OnDeed())).deed.machine == other


async def test_another_worker_knows_what_was_done_and_undone(tmp_path: Path) -> None:
    async with _engine(tmp_path) as engine:
        machine = await _named(engine, "db")
        before = engine.fleet.machine(machine).labels
        await _done(engine, LabelMachine(machine, Labels(note="one"), before))
        await _done(engine, LabelMachine(machine, Labels(note="two"), Labels(note="one")))
        await _take(engine)
    async with _engine(tmp_path) as engine:
        undone, done = await engine.history.deeds()
        assert (undone.undone, done.undone) == (True, False)
        provider, uuid = engine.fleet.provider_of(machine)
        await provider.write_labels(uuid, Labels(note="one"))  # a simulated machine forgets with its worker
        await _take(engine, redo=True)
        assert engine.fleet.machine(machine).note == "two"


async def test_an_undo_whose_worker_died_is_no_deed_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _engine(tmp_path) as engine:
        machine = await _named(engine, "db")
        await _done(engine, LabelMachine(machine, Labels(note="one"), engine.fleet.machine(machine).labels))
        run = engine.jobs.run

        async def dying(*arguments: object, **named: object) -> Job:
            await engine.jobs.wait((await run(*arguments, **named)).id)  # type: ignore[arg-type]
            raise asyncio.CancelledError

        monkeypatch.setattr(engine.jobs, "run", dying)
        with pytest.raises(asyncio.CancelledError):
            await engine.history.run(Undo(""))
    async with _engine(tmp_path) as engine:
        (deed,) = await engine.history.deeds()
        assert (deed.act, deed.undone) == ("machine.label", True)


async def test_a_new_deed_ends_what_could_be_redone(tmp_path: Path) -> None:
    async with _engine(tmp_path) as engine:
        machine = await _named(engine, "db")
        before = engine.fleet.machine(machine).labels
        await _done(engine, LabelMachine(machine, Labels(note="one"), before))
        await _take(engine)
        await _done(engine, LabelMachine(machine, Labels(note="two"), before))
        with pytest.raises(ProblemError) as caught:
            await engine.history.plan(OnDeed(redo=True))
        assert caught.value.problem.code is Code.WRONG_STATE
