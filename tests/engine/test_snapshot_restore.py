"""A restore brings back, can be taken back, keeps its safety snapshots, and says what is lost."""

import asyncio

from clonebox_tui.engine.snapshots.restore import outlived
from clonebox_tui.model.acts import CreateSnapshot, RestoreSnapshot
from clonebox_tui.model.snapshot import Snapshot
from tests.engine.snapshot_bench import snapshot_bench
from tests.engine.test_lifecycle import Notes
from tests.fixtures.virtual_time import in_virtual_time


@in_virtual_time
async def test_a_restore_brings_back_and_can_be_taken_back() -> None:
    bench = await snapshot_bench()
    await bench.guest("echo before > /root/mark")
    await bench.do(CreateSnapshot(bench.machine, "one"))
    await bench.guest("echo after > /root/mark")
    result = await bench.do(RestoreSnapshot(bench.machine, "one"))
    assert await bench.guest("cat /root/mark") == "before\n"
    assert await bench.mounted() == ["/home/me/a b", "/home/me/a b/deep"]
    safety = str(result["safety"])
    assert result["not_mounted"] == []
    found = (await bench.snapshots())[safety]
    assert (found.safety, found.description) == (True, "before restoring one")
    await bench.do(RestoreSnapshot(bench.machine, safety))
    assert await bench.guest("cat /root/mark") == "after\n"


@in_virtual_time
async def test_a_restore_that_fails_leaves_all_as_it_was() -> None:
    bench = await snapshot_bench("&fail=restore_snapshot:nobody")
    await bench.do(CreateSnapshot(bench.machine, "one"))
    await bench.guest("echo after > /root/mark")
    notes = Notes()
    steps = {step.name: step for step in await bench.steps(RestoreSnapshot(bench.machine, "one"))}
    for name in ("park", "safety", "restore"):
        await steps[name].do(notes)
    for name in ("restore", "safety", "park"):
        await steps[name].undo(notes)
    assert await bench.guest("cat /root/mark") == "after\n"
    assert await bench.mounted() == ["/home/me/a b", "/home/me/a b/deep"]
    assert list(await bench.snapshots()) == ["one"]


@in_virtual_time
async def test_three_safety_snapshots_are_kept() -> None:
    bench = await snapshot_bench(started=False)
    await bench.do(CreateSnapshot(bench.machine, "one"))
    made: list[str] = []
    for _ in range(5):
        made.append(str((await bench.do(RestoreSnapshot(bench.machine, "one")))["safety"]))
        await asyncio.sleep(2)
    assert set(await bench.snapshots()) == {"one", *made[-3:]}


def test_a_safety_snapshot_somebody_goes_back_to_is_kept() -> None:
    found = [Snapshot(f"safety-{at}", float(at), safety=True) for at in range(5)]
    assert [each.name for each in outlived(found, "safety-0")] == ["safety-1"]


@in_virtual_time
async def test_a_restore_plan_says_what_is_lost_and_how_to_come_back() -> None:
    bench = await snapshot_bench()
    await bench.do(CreateSnapshot(bench.machine, "one"))
    plan = await bench.plan(RestoreSnapshot(bench.machine, "one"))
    assert plan.destructive
    assert plan.reversible
    assert "safety snapshot" in plan.undo
    assert any("/home/me/a b/deep" in warning and "not rolled back" in warning for warning in plan.warnings)
    assert [step.name for step in plan.steps] == ["park", "safety", "restore", "clock", "unpark", "tidy"]
    assert "snapshot-revert" in plan.steps[2].equivalent


@in_virtual_time
async def test_a_restore_of_a_machine_that_was_off_wakes_nobody() -> None:
    bench = await snapshot_bench(started=False)
    await bench.do(CreateSnapshot(bench.machine, "one"))
    plan = await bench.plan(RestoreSnapshot(bench.machine, "one"))
    assert [step.name for step in plan.steps] == ["safety", "restore", "tidy"]
