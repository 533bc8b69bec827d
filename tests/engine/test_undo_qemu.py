"""Undo on real libvirt: what was done to a machine of ours, taken back deed by deed, disk and all."""

import os

import pytest

from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.model.acts import (
    CreateSnapshot,
    LabelMachine,
    RestoreSnapshot,
    SetSnapshotPolicy,
    TrashMachine,
    TrashSnapshot,
)
from clonebox_tui.model.job import JobState
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.snapshot_policy import SnapshotPolicy
from clonebox_tui.model.undo import OnDeed, Undo
from tests.engine.time_bench import TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]


POLICY = SnapshotPolicy(12, before_risky=True)


async def _world(bench: TimeBench) -> object:
    """What a person would compare; the disk by what its file system holds now."""
    if bench.machine not in bench.fleet.machines:
        return "gone"
    provider, uuid = bench.fleet.provider_of(bench.machine)
    seen = bench.engine.hidden.visible(bench.machine, await provider.snapshots(uuid))
    names = sorted(each.name for each in seen if not each.safety)
    policy = Policies(bench.engine.world.places.config).of(bench.machine)
    return bench.fleet.machine(bench.machine).labels, names, _folders(bench), policy


def _folders(bench: TimeBench) -> list[str]:
    return [name for name in ("one", "two") if bench.holds(f"/{name}")]


async def _take(bench: TimeBench, redo: bool = False) -> None:
    history = bench.engine.history
    planned = await history.plan(OnDeed(redo=redo))
    job = await history.run(Undo(planned.deed.id, redo, planned.plan.fingerprint))
    job = await bench.engine.jobs.wait(job.id)
    assert job.state is JobState.SUCCEEDED, job


async def test_deed_by_deed_to_the_beginning_and_to_the_end_again(bench: TimeBench) -> None:
    bench.write("mkdir one")
    worlds = [await _world(bench)]
    await bench.done(LabelMachine(bench.machine, Labels(("kept",)), Labels()))
    worlds.append(await _world(bench))
    await bench.done(CreateSnapshot(bench.machine, "first"))
    worlds.append(await _world(bench))
    bench.write("mkdir two")  # nobody's deed
    worlds[-1] = await _world(bench)
    for act in (
        RestoreSnapshot(bench.machine, "first"),
        TrashSnapshot(bench.machine, "first"),
        SetSnapshotPolicy(bench.machine, POLICY),
        TrashMachine(bench.machine),
    ):
        await bench.done(act)
        worlds.append(await _world(bench))
    kept = Labels(("kept",))
    assert worlds[2] == (kept, ["first"], ["one", "two"], SnapshotPolicy())
    assert worlds[3] == (kept, ["first"], ["one"], SnapshotPolicy())
    assert worlds[4] == (kept, [], ["one"], SnapshotPolicy())
    assert worlds[5] == (kept, [], ["one"], POLICY)
    for before in reversed(worlds[2:6]):
        await _take(bench)
        assert await _world(bench) == before
    await _take(bench)
    assert await _world(bench) == (kept, [], ["one", "two"], SnapshotPolicy())
    await _take(bench)
    assert await _world(bench) == (Labels(), [], ["one", "two"], SnapshotPolicy())
    with pytest.raises(ProblemError, match="nothing to undo"):
        await bench.engine.history.plan(OnDeed())
    for _ in range(6):
        await _take(bench, redo=True)
    assert await _world(bench) == "gone"
    assert len(bench.engine.trash.all()) == 1


async def test_a_restore_that_breaks_off_in_the_revert_leaves_the_labels_of_now(
    bench: TimeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libvirt's revert brings back those of its time, and nobody came to write these back."""
    then, now = Labels(("then",)), Labels(("now",), "group", "a note")
    await bench.done(LabelMachine(bench.machine, then, Labels()))
    await bench.done(CreateSnapshot(bench.machine, "first"))
    await bench.done(LabelMachine(bench.machine, now, then))

    def dies(*_: object) -> None:
        monkeypatch.undo()
        raise problem(Code.LIBVIRT_ERROR, "The worker died.")

    monkeypatch.setattr("clonebox_tui.providers.libvirt.labels.keep_over", dies)
    job = await bench.job(RestoreSnapshot(bench.machine, "first"))
    assert job.state is JobState.ROLLED_BACK
    provider, uuid = bench.fleet.provider_of(bench.machine)
    assert (await provider.details(uuid)).machine.labels == now
