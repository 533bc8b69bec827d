"""Snapshots by their acts: shares leave and come back, a restore can be taken back, plans tell."""

import msgspec
import pytest

from clonebox_tui.engine.snapshots.delete import descendants
from clonebox_tui.model.acts import CreateSnapshot, DeleteSnapshot, RestoreSnapshot
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.snapshot import Snapshot
from tests.engine.snapshot_bench import SPEC, Act, snapshot_bench
from tests.engine.test_lifecycle import Notes
from tests.fixtures.virtual_time import in_virtual_time


@in_virtual_time
async def test_shares_are_out_while_a_snapshot_is_taken_and_back_afterwards() -> None:
    bench, notes = await snapshot_bench(), Notes()
    act = CreateSnapshot(bench.machine, "one", "words")
    park, take, unpark = await bench.steps(act)
    await park.do(notes)
    assert await bench.mounted() == []
    assert notes.lines == ["Unmounted /home/me/a b/deep.", "Unmounted /home/me/a b."]
    await take.do(notes)
    await unpark.do(notes)
    assert await bench.mounted() == ["/home/me/a b", "/home/me/a b/deep"]
    one = (await bench.snapshots())["one"]
    assert (one.memory, one.description) == (True, "words")


@in_virtual_time
async def test_what_is_told_of_a_snapshot_is_what_is_done() -> None:
    bench = await snapshot_bench()
    said = CreateSnapshot(bench.machine, "one", "what & why", settle=True)
    _, take, _ = (await bench.plan(said)).steps
    assert take.call.startswith("guest-exec sync; ")
    assert take.equivalent.endswith("web one --description 'what & why'")
    for quiet in ("", "two\nlines", "long" * 100):
        _, take, _ = (await bench.plan(CreateSnapshot(bench.machine, "one", quiet))).steps
        assert "sync" not in take.call
        assert take.equivalent.endswith("web one")


@in_virtual_time
async def test_only_shares_that_were_mounted_are_mounted_again() -> None:
    bench = await snapshot_bench()
    await bench.guest("umount '/home/me/a b/deep'")
    await bench.do(CreateSnapshot(bench.machine, "one"))
    assert await bench.mounted() == ["/home/me/a b"]


@in_virtual_time
async def test_a_snapshot_that_fails_brings_the_shares_back() -> None:
    bench = await snapshot_bench("&fail=create_snapshot")
    with pytest.raises(ProblemError):
        await bench.do(CreateSnapshot(bench.machine, "one"))
    assert await bench.mounted() == ["/home/me/a b", "/home/me/a b/deep"]
    assert await bench.snapshots() == {}


@in_virtual_time
async def test_the_undo_deletes_what_the_job_made_and_nothing_else() -> None:
    bench, notes = await snapshot_bench(started=False), Notes()
    act = CreateSnapshot(bench.machine, "one")
    (take,) = await bench.steps(act)
    await bench.provider.create_snapshot(bench.uuid, "one", "somebody else's", False, False)
    with pytest.raises(ProblemError) as taken:
        await take.do(notes)
    assert taken.value.problem.code is Code.NAME_TAKEN
    await take.undo(notes)
    assert list(await bench.snapshots()) == ["one"]
    own = Notes()
    (take,) = await bench.steps(CreateSnapshot(bench.machine, "two"))
    await take.do(own)
    await take.undo(own)
    assert list(await bench.snapshots()) == ["one"]


@in_virtual_time
async def test_the_steps_are_the_same_after_a_crash() -> None:
    bench, notes = await snapshot_bench(), Notes()
    await bench.do(CreateSnapshot(bench.machine, "one"))
    act = RestoreSnapshot(bench.machine, "one")
    steps = await bench.steps(act)
    await steps[0].do(notes)
    await bench.provider.kill(bench.uuid)
    again = await bench.handlers[RestoreSnapshot].steps(act, notes.memory)
    assert [step.name for step in again] == [step.name for step in steps]


@in_virtual_time
async def test_a_plan_is_another_one_once_the_snapshots_are() -> None:
    bench = await snapshot_bench(started=False)
    await bench.do(CreateSnapshot(bench.machine, "zero"))
    act = DeleteSnapshot(bench.machine, "zero")
    before = (await bench.plan(act)).fingerprint
    assert (await bench.plan(act)).fingerprint == before
    await bench.do(CreateSnapshot(bench.machine, "one"))
    after = (await bench.plan(act)).fingerprint
    assert after != before
    await bench.provider.start(bench.uuid)
    assert await bench.fleet.wait_until(
        bench.machine, lambda machine: machine is not None and machine.state is State.RUNNING, 60
    )
    assert (await bench.plan(act)).fingerprint != after


@in_virtual_time
async def test_what_cannot_be_is_refused_with_its_reason() -> None:
    bench = await snapshot_bench(started=False)
    await bench.do(CreateSnapshot(bench.machine, "one"))
    cases: list[tuple[Act, Code]] = [
        (CreateSnapshot(bench.machine, "one"), Code.NAME_TAKEN),
        (CreateSnapshot(bench.machine, "a/b"), Code.NAME_INVALID),
        (CreateSnapshot(bench.machine, "a\nb"), Code.NAME_INVALID),
        (RestoreSnapshot(bench.machine, "two"), Code.SNAPSHOT_NOT_FOUND),
        (DeleteSnapshot(bench.machine, "two"), Code.SNAPSHOT_NOT_FOUND),
    ]
    for act, code in cases:
        with pytest.raises(ProblemError) as refused:
            await bench.plan(act)
        assert refused.value.problem.code is code


@in_virtual_time
async def test_shares_that_nobody_can_unmount_stand_in_the_way() -> None:
    bench = await snapshot_bench()
    await bench.do(CreateSnapshot(bench.machine, "one"))
    await bench.provider.pause(bench.uuid)
    assert await bench.fleet.wait_until(
        bench.machine, lambda machine: machine is not None and machine.state is State.PAUSED, 60
    )
    for act in (CreateSnapshot(bench.machine, "two"), RestoreSnapshot(bench.machine, "one")):
        with pytest.raises(ProblemError) as refused:
            await bench.plan(act)
        assert refused.value.problem.code is Code.AGENT_UNAVAILABLE
        assert "Resume it first" in refused.value.problem.next


def test_all_below_are_found_whenever_they_were_taken() -> None:
    """Seconds are all that libvirt keeps: several are of one, listed in any order."""
    line = ("zulu", "yankee", "xray", "whisky", "victor")
    taken = [Snapshot(name, 7.0, parent) for name, parent in zip(line, ("", *line), strict=False)]
    back_in_time = [Snapshot("b", 9.0, "a"), Snapshot("c", 8.0, "b"), Snapshot("a", 9.5)]
    for snapshots in (taken, taken[::-1], sorted(taken, key=lambda each: each.name)):
        assert descendants(snapshots, "zulu") == line[1:]
        assert descendants(snapshots, "whisky") == ("victor",)
    assert descendants(back_in_time, "a") == ("b", "c")


@in_virtual_time
async def test_children_stay_and_the_plan_names_them() -> None:
    bench = await snapshot_bench(started=False)
    for name in ("a", "b", "c"):
        await bench.do(CreateSnapshot(bench.machine, name))
    keeps = await bench.plan(DeleteSnapshot(bench.machine, "a"))
    takes = await bench.plan(DeleteSnapshot(bench.machine, "a", children=True))
    assert keeps.notes == ("These stay: b, c.",)
    assert takes.warnings == ("These go too: b, c.",)
    await bench.do(DeleteSnapshot(bench.machine, "b"))
    assert {name: each.parent for name, each in (await bench.snapshots()).items()} == {"a": "", "c": "a"}


@in_virtual_time
async def test_a_machine_without_shares_needs_no_parking() -> None:
    bench = await snapshot_bench()
    bare = msgspec.structs.replace(SPEC, name="bare", uuid=SPEC.uuid[:-1] + "9", shares=())
    machine = await bench.provider.define(bare)
    bench.fleet.machine_changed(machine)
    plan = await bench.plan(CreateSnapshot(machine.id, "one"))
    assert [step.name for step in plan.steps] == ["take"]
    assert plan.downtime_seconds is None
