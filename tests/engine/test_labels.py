"""Proves that labels are written on any machine, refused where they cannot stand, and taken back."""

import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.labels import LabelHandler
from clonebox_tui.model.acts import LabelMachine, relabelled_back
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.test_lifecycle import Notes, _named, _opened
from tests.fixtures.virtual_time import in_virtual_time

WANTED = Labels(("a", "b"), "shop", "why")


async def _write(fleet: Fleet, act: LabelMachine) -> Notes:
    handler, notes = LabelHandler(fleet), Notes()
    await handler.plan(act, None)
    for step in await handler.steps(act, {}):
        await step.do(notes)
    return notes


def _foreign(fleet: Fleet) -> Machine:
    machine = _named(fleet, "old-ci")
    assert not machine.managed
    return machine


@in_virtual_time
async def test_a_machine_made_elsewhere_is_labelled_and_back() -> None:
    fleet = await _opened()
    machine = _foreign(fleet)
    act = LabelMachine(machine.id, WANTED, machine.labels)
    plan = await LabelHandler(fleet).plan(act, None)
    assert machine.name in plan.title
    assert "+a +b" in plan.title
    assert (plan.reversible, plan.destructive) == (True, False)
    assert plan.steps[0].call
    notes = await _write(fleet, act)
    assert notes.lines
    assert fleet.machine(machine.id).labels == WANTED
    assert not fleet.machine(machine.id).managed
    await _write(fleet, relabelled_back(act))
    assert fleet.machine(machine.id).labels == machine.labels


@in_virtual_time
async def test_an_undo_takes_back_only_what_it_wrote() -> None:
    fleet = await _opened()
    machine = _foreign(fleet)
    act = LabelMachine(machine.id, WANTED, machine.labels)
    (step,) = await LabelHandler(fleet).steps(act, {})
    await step.undo(Notes())  # it never began
    assert fleet.machine(machine.id).labels == machine.labels
    await step.do(Notes())
    await step.undo(Notes())
    assert fleet.machine(machine.id).labels == machine.labels
    await step.do(Notes())
    provider, uuid = fleet.provider_of(machine.id)
    await provider.write_labels(uuid, Labels(("else",)))
    await step.undo(Notes())
    assert fleet.machine(machine.id).labels == Labels(("else",))


@in_virtual_time
@pytest.mark.parametrize(
    ("labels", "code"),
    [(Labels(("a b",)), Code.NAME_INVALID), (Labels(("b", "a")), Code.NAME_INVALID)],
)
async def test_what_cannot_be_written_is_refused(labels: Labels, code: Code) -> None:
    fleet = await _opened()
    machine = _foreign(fleet)
    with pytest.raises(ProblemError) as refused:
        await LabelHandler(fleet).plan(LabelMachine(machine.id, labels, machine.labels), None)
    assert refused.value.problem.code is code


@in_virtual_time
async def test_what_another_wrote_meanwhile_is_not_overwritten() -> None:
    fleet = await _opened()
    machine = _foreign(fleet)
    provider, uuid = fleet.provider_of(machine.id)
    await provider.write_labels(uuid, Labels(("theirs",)))
    with pytest.raises(ProblemError) as refused:
        await LabelHandler(fleet).plan(LabelMachine(machine.id, WANTED, machine.labels), None)
    assert refused.value.problem.code is Code.PLAN_STALE
    assert "+theirs" in refused.value.problem.why
