"""Deleting what was not made here: forgotten, its disks left alone unless they are asked for by name."""

from pathlib import Path

import pytest

from clonebox_tui.engine.clone.base import Base
from clonebox_tui.model.acts import DeleteMachine
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.clone_workshop import GivenBase, workshop
from tests.guests.fixtures import MachineMaker

pytestmark = pytest.mark.qemu

BASES = GivenBase(Base("none", "/nowhere"))


@pytest.mark.parametrize("disks", [False, True])
async def test_disks_go_only_when_asked_for(world: Path, micro_machines: MachineMaker, disks: bool) -> None:
    machine = micro_machines(start=False)
    act = DeleteMachine(machine_id(machine.uri, machine.uuid), disks=disks)
    async with workshop(machine.uri, world, BASES) as shop:
        plan = await shop.jobs.plan(act, None)
        assert (plan.reversible, plan.confirm) == (False, machine.name)
        assert (str(machine.disk) in " ".join(plan.notes)) is not disks
        job = await shop.run(act)
        assert (job.state, job.problem) == (JobState.SUCCEEDED, None)
        assert act.machine not in shop.fleet.machines
    assert machine.disk.exists() is not disks


async def test_a_running_one_is_said_to_be_killed_first(world: Path, micro_machines: MachineMaker) -> None:
    machine = micro_machines(wait=False)
    act = DeleteMachine(machine_id(machine.uri, machine.uuid))
    async with workshop(machine.uri, world, BASES) as shop:
        plan = await shop.jobs.plan(act, None)
        assert [step.name for step in plan.steps] == ["kill", "undefine"]
        assert machine.name in plan.warnings[0]
        assert (await shop.run(act)).state is JobState.SUCCEEDED
    assert machine.disk.exists()


async def test_a_disk_that_another_machine_has_too_stays(world: Path, micro_machines: MachineMaker) -> None:
    first = micro_machines(start=False)
    shared = (
        f"<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{first.disk}'/>"
        "<target dev='vdb' bus='virtio'/></disk>"
    )
    second = micro_machines(devices=shared, start=False)
    async with workshop(first.uri, world, BASES) as shop:
        with pytest.raises(ProblemError) as caught:
            await shop.jobs.plan(DeleteMachine(machine_id(first.uri, first.uuid), disks=True), None)
    assert caught.value.problem.code is Code.IMAGE_IN_USE
    assert second.name in caught.value.problem.why
