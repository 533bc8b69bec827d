"""Snapshots of a machine on screen come by themselves, and those of others do not."""

import asyncio

from clonebox_tui.model.acts import CreateSnapshot
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import State
from clonebox_tui.model.rpc import FLEET, SNAPSHOTS, Nothing, OnMachine, SnapshotsChanged, Watch
from tests.worker.conftest import LONGEST_SECONDS, Join


async def test_a_new_snapshot_is_told_to_who_looks_at_its_machine(join: Join) -> None:
    looking, elsewhere = await join(), await join()
    machine = next(
        each for each in (await looking.call(FLEET, Nothing())).machines if each.state is State.RUNNING
    )
    told: asyncio.Queue[SnapshotsChanged] = asyncio.Queue()
    others: list[object] = []
    looking.listen(lambda event: told.put_nowait(event) if isinstance(event, SnapshotsChanged) else None)
    elsewhere.listen(lambda event: others.append(event) if isinstance(event, SnapshotsChanged) else None)
    await looking.watch(Watch(samples=False, detail=(machine.id,)))
    await elsewhere.watch(Watch(samples=False))
    async with asyncio.timeout(LONGEST_SECONDS):
        first = await told.get()
        assert first.machine == machine.id
        before = {snapshot.name for snapshot in first.snapshots}
        job = await looking.wait((await looking.run(CreateSnapshot(machine.id, "taken-now"))).id)
        assert job.state is JobState.SUCCEEDED
        after = await told.get()
    assert {snapshot.name for snapshot in after.snapshots} == before | {"taken-now"}
    assert (await looking.call(SNAPSHOTS, OnMachine(machine.id))).snapshots == after.snapshots
    assert others == []
