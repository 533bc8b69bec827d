"""Cloning on the simulated fleet: the same act, nothing of this host touched, nothing left by a failure."""

from pathlib import Path

import msgspec
import pytest

from clonebox_tui.engine.clone.base import Base
from clonebox_tui.model.acts import CloneMachine, DeleteMachine
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.clone_workshop import WISH, GivenBase, workshop

URI = "simulated://demo?machines=3&boot=0.05&transition=0.01"
BASES = GivenBase(Base("none", "/nowhere"))
ACT = CloneMachine(URI, msgspec.structs.replace(WISH, packages=("git", "nginx"), services=("nginx",)))


async def test_a_clone_runs_and_is_entered_by_its_id(world: Path) -> None:
    async with workshop(URI, world, BASES) as shop:
        job = await shop.run(ACT)
        assert (job.state, job.problem) == (JobState.SUCCEEDED, None)
        assert job.result is not None
        machine = shop.fleet.machine(str(job.result["machine"]))
        assert (machine.name, machine.state, machine.managed) == ("trial", State.RUNNING, True)


@pytest.mark.parametrize("step", ["folder", "define", "start", "boot", "ready"])
async def test_a_failure_at_any_step_leaves_nothing(world: Path, step: str) -> None:
    async with workshop(URI, world, BASES) as shop:
        before = set(shop.fleet.machines)
        shop.handler.fails = step
        job = await shop.run(ACT)
        assert step in shop.handler.names
        assert job.problem is not None
        assert job.problem.what == f"{step} broke"
        assert set(shop.fleet.machines) == before


async def test_a_plan_changes_nothing_and_shows_every_step(world: Path) -> None:
    async with workshop(URI, world, BASES) as shop:
        before = dict(shop.fleet.machines)
        plan = await shop.jobs.plan(ACT, None)
        assert [step.name for step in plan.steps] == ["folder", "define", "start", "boot", "ready"]
        assert dict(shop.fleet.machines) == before


async def test_a_taken_name_is_refused_before_anything_happens(world: Path) -> None:
    async with workshop(URI, world, BASES) as shop:
        taken = next(iter(shop.fleet.machines.values())).name
        act = msgspec.structs.replace(ACT, wish=msgspec.structs.replace(WISH, name=taken))
        with pytest.raises(ProblemError) as caught:
            await shop.jobs.plan(act, None)
        assert caught.value.problem.code is Code.NAME_TAKEN


async def test_a_running_machine_is_deleted_for_good(world: Path) -> None:
    async with workshop(URI, world, BASES) as shop:
        made = await shop.run(ACT)
        assert made.result is not None
        machine = str(made.result["machine"])
        plan = await shop.jobs.plan(DeleteMachine(machine), None)
        assert (plan.reversible, plan.destructive, plan.confirm) == (False, True, "trial")
        assert [step.name for step in plan.steps] == ["kill", "undefine"]
        job = await shop.run(DeleteMachine(machine))
        assert job.state is JobState.SUCCEEDED
        assert machine not in shop.fleet.machines
