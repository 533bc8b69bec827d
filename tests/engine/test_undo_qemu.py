"""Undo on real libvirt: what was done to a machine of ours, taken back deed by deed, disk and all."""

import os

import pytest

from clonebox_tui.model.acts import (
    CreateSnapshot,
    LabelMachine,
    RestoreSnapshot,
    TrashMachine,
    TrashSnapshot,
)
from clonebox_tui.model.job import JobState
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.undo import OnDeed, Undo
from tests.engine.time_bench import TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]


async def _world(bench: TimeBench) -> object:
    """What a person would compare; the disk by what its file system holds now."""
    if bench.machine not in bench.fleet.machines:
        return "gone"
    provider, uuid = bench.fleet.provider_of(bench.machine)
    seen = bench.engine.hidden.visible(bench.machine, await provider.snapshots(uuid))
    names = sorted(each.name for each in seen if not each.safety)
    return bench.fleet.machine(bench.machine).labels, names, _folders(bench)


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
        TrashMachine(bench.machine),
    ):
        await bench.done(act)
        worlds.append(await _world(bench))
    assert worlds[2] == (Labels(("kept",)), ["first"], ["one", "two"])
    assert worlds[3] == (Labels(("kept",)), ["first"], ["one"])
    assert worlds[4] == (Labels(("kept",)), [], ["one"])
    for before in (worlds[4], worlds[3], worlds[2]):
        await _take(bench)
        assert await _world(bench) == before
    await _take(bench)
    assert await _world(bench) == (Labels(("kept",)), [], ["one", "two"])
    await _take(bench)
    assert await _world(bench) == (Labels(), [], ["one", "two"])
    with pytest.raises(ProblemError, match="nothing to undo"):
        await bench.engine.history.plan(OnDeed())
    for _ in range(5):
        await _take(bench, redo=True)
    assert await _world(bench) == "gone"
    assert len(bench.engine.trash.all()) == 1
