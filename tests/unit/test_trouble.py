"""What a person is told of a machine that its host had to pause."""

import pytest

from clonebox_tui.model.filtering import compile_machine_filter, state_word
from clonebox_tui.model.machine import Machine, MachineDetails, State, Trouble
from clonebox_tui.model.rules import trouble_words
from clonebox_tui.tui.presentation.machine_facts import fact_lines


def _machine(trouble: Trouble | None) -> Machine:
    return Machine("test/1", "web", State.PAUSED, "test", "1", trouble=trouble)


@pytest.mark.parametrize("trouble", Trouble)
def test_it_is_named_explained_and_found(trouble: Trouble) -> None:
    machine = _machine(trouble)
    assert state_word(machine) == trouble.value
    said = trouble_words(machine)
    assert "host" in said
    assert "resume it" in said
    drawn = "".join(text for line in fact_lines(MachineDetails(machine)) for text, _ink in line)
    assert said in drawn
    accepts, fault = compile_machine_filter(f"state:{trouble.value}")
    assert not fault
    assert accepts(machine)
    assert not accepts(_machine(None))


def test_a_machine_that_a_person_paused_is_only_paused() -> None:
    assert state_word(_machine(None)) == "paused"
    assert trouble_words(_machine(None)) == ""
