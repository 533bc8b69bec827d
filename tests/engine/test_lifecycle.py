"""Proves that machines start, stop, pause and reboot, and that what cannot be says why."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from clonebox_tui.engine.act import Handler
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.lifecycle import lifecycle
from clonebox_tui.engine.machine_act import require_memory
from clonebox_tui.model import acts
from clonebox_tui.model.machine import AgentState, Machine, State
from clonebox_tui.model.problem import Code, Exit, ProblemError
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from tests.fixtures.virtual_time import in_virtual_time, wall_clock


@dataclass
class Notes:
    """What a step does with its job, kept."""

    job_id: str = "job"
    memory: Mapping[str, object] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)

    async def remember(self, **facts: object) -> None:
        self.memory = {**self.memory, **facts}

    def progress(self, phase: str, done: float = 0, total: float | None = None, unit: str = "") -> None:
        self.phases.append(phase)

    def log(self, line: str) -> None:
        self.lines.append(line)


async def _opened(faults: str = "") -> Fleet:
    fleet = Fleet(lambda uri: SimulatedProvider(uri, wall_clock), wall_clock)
    fleet.add(f"simulated://demo?machines=12{faults}")
    assert await fleet.opened(60)
    return fleet


def _named(fleet: Fleet, name: str) -> Machine:
    return next(machine for machine in fleet.machines.values() if machine.name == name)


def _handler(fleet: Fleet, act: acts.Act) -> Handler[acts.Act]:
    return lifecycle(fleet)[type(act)]


async def _done(fleet: Fleet, act: acts.Act, notes: Notes | None = None) -> dict[str, object]:
    handler, notes = _handler(fleet, act), notes or Notes()
    await handler.plan(act, None)
    for step in await handler.steps(act, {}):
        await step.do(notes)
    await asyncio.sleep(0.1)
    return await handler.result(act, notes.memory)


@in_virtual_time
async def test_a_day_in_the_life() -> None:
    fleet = await _opened()
    machine = _named(fleet, "scratch").id
    states: list[State] = []
    for act in (acts.StartMachine, acts.PauseMachine, acts.ResumeMachine, acts.StopMachine):
        result = await _done(fleet, act(machine))
        states.append(fleet.machine(machine).state)
        assert result == {"machine": machine, "state": states[-1].value}
    assert states == [State.RUNNING, State.PAUSED, State.RUNNING, State.OFF]


@in_virtual_time
async def test_a_reboot_waits_for_the_agent() -> None:
    fleet = await _opened()
    machine = _named(fleet, "web-dev")
    await _done(fleet, acts.RebootMachine(machine.id))
    after = fleet.machine(machine.id)
    assert after.agent is AgentState.CONNECTED
    assert after.started_at is not None
    assert after.started_at > (machine.started_at or 0)


@in_virtual_time
async def test_a_guest_that_does_not_listen_is_never_killed() -> None:
    fleet = await _opened("&deaf=web-dev")
    machine = _named(fleet, "web-dev").id
    notes = Notes()
    with pytest.raises(ProblemError) as caught:
        await _done(fleet, acts.StopMachine(machine, 40.0), notes)
    fault = caught.value.problem
    assert (fault.code, fault.exit_code) == (Code.TIMED_OUT, Exit.TIMED_OUT)
    assert "still runs" in fault.what
    assert "kill web-dev" in fault.next
    assert notes.lines == ["Asked the guest to power off (agent).", "Asked the guest to power off (acpi)."]
    assert fleet.machine(machine).state is State.RUNNING
    await _done(fleet, acts.KillMachine(machine))
    assert fleet.machine(machine).state is State.OFF


class StillBooting(SimulatedProvider):
    """A guest that drops what is asked of it before it is up, as one whose logind does not run yet."""

    dropped = 0

    async def ask_to_stop(self, uuid: str, mode: str) -> None:
        if self.dropped < 2:
            self.dropped += 1
        else:
            await super().ask_to_stop(uuid, mode)


@in_virtual_time
async def test_a_guest_that_still_boots_is_asked_to_stop_again() -> None:
    fleet = Fleet(lambda uri: StillBooting(uri, wall_clock), wall_clock)
    fleet.add("simulated://demo?machines=12")
    assert await fleet.opened(60)
    machine = _named(fleet, "web-dev").id
    notes = Notes()
    await _done(fleet, acts.StopMachine(machine), notes)
    assert fleet.machine(machine).state is State.OFF
    ways = [line.partition("(")[2] for line in notes.lines]
    assert ways == ["agent).", "acpi).", "agent)."]


@in_virtual_time
async def test_without_an_agent_acpi_is_asked_at_once() -> None:
    fleet = await _opened()
    machine = _named(fleet, "scratch").id
    provider, uuid = fleet.provider_of(machine)
    await provider.start(uuid)
    await asyncio.sleep(0.1)
    notes = Notes()
    await _done(fleet, acts.StopMachine(machine), notes)
    assert notes.lines == ["Asked the guest to power off (acpi)."]


@in_virtual_time
async def test_a_stop_of_what_went_off_meanwhile_succeeds() -> None:
    fleet = await _opened()
    act = acts.StopMachine(_named(fleet, "web-dev").id)
    steps = await _handler(fleet, act).steps(act, {})
    provider, uuid = fleet.provider_of(act.machine)
    await provider.kill(uuid)
    await steps[0].do(Notes())
    assert fleet.machine(act.machine).state is State.OFF


@pytest.mark.parametrize(
    ("name", "act", "why"),
    [
        ("web-dev", acts.StartMachine, "running already"),
        ("scratch", acts.StopMachine, "off"),
        ("old-ci", acts.StopMachine, "resume it first"),
        ("old-ci", acts.RebootMachine, "resume it first"),
        ("scratch", acts.PauseMachine, "off"),
        ("scratch", acts.ResumeMachine, "start it"),
        ("scratch", acts.KillMachine, "off"),
    ],
)
@in_virtual_time
async def test_a_plan_says_why_not(name: str, act: type[acts.StartMachine], why: str) -> None:
    fleet = await _opened()
    wanted = act(_named(fleet, name).id)
    with pytest.raises(ProblemError) as caught:
        await _handler(fleet, wanted).plan(wanted, None)
    assert caught.value.problem.code is Code.WRONG_STATE
    assert why in caught.value.problem.why


@in_virtual_time
async def test_a_plan_names_the_call_and_what_it_means() -> None:
    fleet = await _opened()
    act = acts.KillMachine(_named(fleet, "web-dev").id)
    plan = await _handler(fleet, act).plan(act, None)
    assert [step.equivalent for step in plan.steps] == ["virsh destroy web-dev"]
    assert (plan.destructive, plan.reversible, plan.act) == (True, False, "machine.kill")
    assert plan.warnings
    stop = acts.StopMachine(act.machine)
    asked = await _handler(fleet, stop).plan(stop, None)
    assert asked.steps[0].equivalent == "virsh shutdown web-dev --mode agent"


@in_virtual_time
async def test_a_changed_world_changes_the_fingerprint() -> None:
    fleet = await _opened()
    act = acts.KillMachine(_named(fleet, "web-dev").id)
    before = await _handler(fleet, act).plan(act, None)
    await _done(fleet, acts.PauseMachine(act.machine))
    after = await _handler(fleet, act).plan(act, None)
    assert before.fingerprint != after.fingerprint


@in_virtual_time
async def test_a_start_that_is_taken_back_is_off_again() -> None:
    fleet = await _opened()
    act = acts.StartMachine(_named(fleet, "scratch").id)
    (step,) = await _handler(fleet, act).steps(act, {})
    notes = Notes()
    await step.undo(notes)
    await step.do(notes)
    await step.undo(notes)
    await asyncio.sleep(0.1)
    assert fleet.machine(act.machine).state is State.OFF


@in_virtual_time
async def test_a_machine_that_woke_up_with_its_memory_is_not_killed_by_an_undo() -> None:
    fleet = await _opened()
    act = acts.StartMachine(_named(fleet, "scratch").id)
    (step,) = await _handler(fleet, act).steps(act, {})
    notes = Notes()
    await step.do(notes)
    notes.memory = {"had_saved_state": True}
    await step.undo(notes)
    await asyncio.sleep(0.1)
    assert fleet.machine(act.machine).state is State.RUNNING


def test_a_start_without_memory_is_refused_with_figures() -> None:
    machine = Machine("qemu:///session/u", "big", State.OFF, "qemu:///session", "u", memory_bytes=8 * 1024**3)
    with pytest.raises(ProblemError) as caught:
        require_memory(machine, lambda: 3 * 1024**3)
    assert caught.value.problem.code is Code.MEMORY_SHORT
    assert "8.0 GiB" in caught.value.problem.why
    assert "3.0 GiB" in caught.value.problem.why
    require_memory(machine, lambda: 9 * 1024**3)
