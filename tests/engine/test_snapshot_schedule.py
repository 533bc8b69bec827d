"""Snapshots by themselves: taken when due, pruned by their policy, and a person's own never touched."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.engine.snapshots.schedule import AFTER_FAILURE_SECONDS, Schedule
from clonebox_tui.model.acts import CreateSnapshot, SetSnapshotPolicy
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import State
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.model.snapshot_policy import (
    AUTOMATIC_MARK,
    SnapshotPolicy,
    automatic_name,
    fault,
    is_automatic,
    is_due,
    outlived,
    words,
)
from clonebox_tui.store.database import Database

HOUR = 3600.0
START = 1_790_000_000.0


def _auto(hours: float, name: str = "") -> Snapshot:
    at = START + hours * HOUR
    return Snapshot(name or automatic_name(at, ()), at, description=AUTOMATIC_MARK)


def test_only_what_the_schedule_took_is_automatic() -> None:
    assert is_automatic(_auto(0))
    assert not is_automatic(Snapshot("auto-mine", START, description="mine"))
    assert not is_automatic(Snapshot("mine", START, description=AUTOMATIC_MARK))


def test_one_is_due_when_the_last_is_old_enough() -> None:
    policy = SnapshotPolicy(every_hours=6)
    mine = Snapshot("mine", START)
    assert is_due(policy, [mine], START)
    assert not is_due(policy, [_auto(0)], START + 5.9 * HOUR)
    assert is_due(policy, [_auto(0)], START + 6 * HOUR)
    assert is_due(policy, [_auto(9)], START)  # a clock set back holds nothing up
    assert not is_due(SnapshotPolicy(), [], START)


def test_the_last_daily_and_weekly_ones_are_kept() -> None:
    snapshots = [_auto(6 * at) for at in range(4 * 30)]
    mine = Snapshot("auto-looks-like-one", START - 1)
    gone = outlived(SnapshotPolicy(6, keep_last=2, keep_daily=3, keep_weekly=2), [mine, *snapshots])
    kept = [each for each in snapshots if each not in gone]
    assert mine not in gone
    assert snapshots[-1] in kept
    assert snapshots[-2] in kept
    assert len(kept) in (4, 5, 6)  # two last, three days and two weeks meet in some
    assert outlived(SnapshotPolicy(6, keep_last=1000), snapshots) == ()
    assert len(outlived(SnapshotPolicy(6, keep_last=0), snapshots)) == len(snapshots) - 1, (
        "the last one stays"
    )


@pytest.mark.parametrize(
    "policy", [SnapshotPolicy(-1), SnapshotPolicy(0.01), SnapshotPolicy(1, 0), SnapshotPolicy(1, 3, 9999)]
)
def test_policies_that_cannot_stand(policy: SnapshotPolicy) -> None:
    assert fault(policy)
    assert not fault(SnapshotPolicy(1))
    assert words(SnapshotPolicy(6, 3, 7)) == "every 6 h, keeping the last 3, 7 daily"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    place = places({"HOME": str(tmp_path)}, 0, demo=True)
    place.state.mkdir(parents=True)
    made = Engine(World(place, demo=True), await Database.open(place.database))
    await made.jobs.load()
    made.fleet.add("simulated://demo?machines=4&seed=1")
    assert await made.fleet.opened(60)
    yield made
    await made.close()


async def test_snapshots_are_taken_and_pruned_and_mine_stay(engine: Engine) -> None:
    running = next(each for each in engine.fleet.machines.values() if each.state is State.RUNNING)
    provider, uuid = engine.fleet.provider_of(running.id)
    own = [each.name for each in await provider.snapshots(uuid)]
    await _done(engine, CreateSnapshot(running.id, "auto-mine"))
    policies = Policies(engine.world.places.config)
    await _done(engine, SetSnapshotPolicy(running.id, SnapshotPolicy(0.1, keep_last=2)))
    assert policies.of(running.id) == SnapshotPolicy(0.1, keep_last=2)
    # The schedule's clock runs ahead: what it took just now is old for it at the next look.
    times = iter(range(0, 10_000, 3600))
    ahead = {"now": 0.0}

    def clock() -> float:
        return START * 2 + ahead["now"]

    schedule = Schedule(engine.fleet, engine.jobs, policies, clock)
    assert schedule.active
    taken = []
    for _ in range(3):
        ahead["now"] = float(next(times))
        await schedule.look()
        taken.append({each.name for each in await provider.snapshots(uuid) if is_automatic(each)})
    assert [len(each) for each in taken] == [1, 2, 2]
    names = {each.name for each in await provider.snapshots(uuid)}
    assert {*own, "auto-mine"} < names
    await _done(engine, SetSnapshotPolicy(running.id, SnapshotPolicy()))
    assert not schedule.active


async def test_a_machine_whose_snapshot_fails_is_left_alone_for_a_while(engine: Engine) -> None:
    uri = "simulated://demo?machines=4&seed=1&fail=create_snapshot"
    engine.fleet.add(uri)
    assert await engine.fleet.opened(60)
    machines = [each for each in engine.fleet.machines.values() if each.connection == uri]
    running = next(each for each in machines if each.state is State.RUNNING)
    policies, now = Policies(engine.world.places.config), {"now": START}
    policies.write(running.id, SnapshotPolicy(1))
    schedule = Schedule(engine.fleet, engine.jobs, policies, lambda: now["now"])
    provider, uuid = engine.fleet.provider_of(running.id)
    await provider.pause(uuid)
    await schedule.look()
    assert list(engine.jobs.jobs()) == []  # paused: nothing is due
    await provider.resume(uuid)
    for _ in range(3):
        await schedule.look()
    assert [job.state for job in engine.jobs.jobs()] == [JobState.ROLLED_BACK]
    now["now"] += AFTER_FAILURE_SECONDS
    await schedule.look()
    assert len(engine.jobs.jobs()) == 2


async def test_a_file_that_is_no_policy_is_named(engine: Engine) -> None:
    policies = Policies(engine.world.places.config)
    path = engine.world.places.config / "snapshot-policies.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{broken")
    with pytest.raises(ProblemError) as caught:
        policies.of("any")
    assert caught.value.problem.code is Code.CONFIG_INVALID
    assert not Schedule(engine.fleet, engine.jobs, policies).active


async def _done(engine: Engine, act: CreateSnapshot | SetSnapshotPolicy) -> None:
    job = await engine.jobs.wait((await engine.jobs.run(act)).id)
    assert job.state is JobState.SUCCEEDED, job.problem
