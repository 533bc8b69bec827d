"""One act on several machines: what is asked, what is left out, how failures are told; the labels' form."""

import msgspec
import pytest
from textual.widgets import Button, Input, TextArea

from clonebox_tui.model.acts import LabelMachine, StartMachine, TrashMachine
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import State
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.problem import Code, Problem, problem
from clonebox_tui.model.rpc import JobsChanged
from clonebox_tui.tui.screens.labels import LabelsScreen
from clonebox_tui.tui.screens.outcome import OutcomeScreen
from tests.tui.conftest import Opened, face_of, screen_text, settled
from tests.tui.fake_fleet import machine
from tests.tui.fake_wire import FakeWire
from tests.tui.test_keys import BY_NAME, go_to


def off(count: int) -> FakeWire:
    return FakeWire(tuple(machine(number, f"m{number:02d}", State.OFF) for number in range(1, count + 1)))


def ended(job: Job, problem: Problem | None = None) -> Job:
    state = JobState.FAILED if problem else JobState.SUCCEEDED
    return msgspec.structs.replace(job, state=state, problem=problem)


async def test_marks_stay_when_the_list_is_filtered_and_acts_leave_out_what_cannot(
    opened: Opened, wire: FakeWire
) -> None:
    wire.refusals["web-dev"] = problem(Code.WRONG_STATE, "Cannot start.", why="It is running already.")
    async with opened() as pilot:
        await go_to(pilot, "scratch")
        await pilot.press("space", "slash", *"web", "enter")
        await settled(pilot)
        await pilot.press("space", "s")
        await settled(pilot)
        text = screen_text(pilot)
        assert "Start 1 machine" in text
        assert text.index("scratch  off") < text.index("web-dev  left out: It is running already.")
        await pilot.press("enter")
        await settled(pilot)
        assert wire.acts() == [], "enter alone changes nothing"
        await pilot.press("s")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert wire.acts() == [StartMachine(BY_NAME["scratch"])]


@pytest.mark.parametrize("wire", [off(21)])
async def test_more_than_twenty_want_the_words_typed_and_all_names_can_be_read(
    opened: Opened, wire: FakeWire
) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("asterisk", "s")
        await settled(pilot)
        assert "Start 21 machines" in screen_text(pilot)
        assert "m21" not in screen_text(pilot)
        await pilot.press("ctrl+d", "ctrl+d", "ctrl+d")
        await settled(pilot)
        assert "m21" in screen_text(pilot)
        await pilot.press(*"start 21 machine", "enter")
        await settled(pilot)
        assert wire.acts() == []
        await pilot.press("s", "enter")
        await settled(pilot)
        assert len(wire.acts()) == 21


@pytest.mark.parametrize("wire", [off(3)])
async def test_what_wants_a_name_typed_for_one_wants_words_typed_for_many(
    opened: Opened, wire: FakeWire
) -> None:
    step = PlanStep("undefine", "Forget it")
    wire.plans["machine.trash"] = Plan(
        "machine.trash", "Delete", (step,), "f", destructive=True, reversible=False, confirm="m01",
        warnings=("Its disk goes too.",),
    )  # fmt: skip
    async with opened() as pilot:
        await pilot.press("asterisk", "D")
        await settled(pilot)
        assert screen_text(pilot).count("Its disk goes too.") == 1
        await pilot.press("y", "enter")
        await settled(pilot)
        assert wire.acts() == []
        pilot.app.screen.query_one(Input).value = "trash 3 machines"
        await pilot.press("enter")
        await settled(pilot)
        assert wire.acts() == [TrashMachine(each) for each in wire.machines]


@pytest.mark.parametrize("wire", [off(12)])
async def test_what_differs_only_in_the_name_is_said_once_and_the_names_are_in_view(
    opened: Opened, wire: FakeWire
) -> None:
    for each in wire.machines.values():
        wire.plans[each.name] = Plan(
            "machine.trash", f"Move {each.name} to the trash", (PlanStep("undefine", "Forget it"),), "f",
            undo=f"Bring it back: `clonebox-tui trash restore {each.name}`.",
            warnings=(f"{each.name} runs: its plug is pulled.",),
        )  # fmt: skip
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("asterisk", "D")
        await settled(pilot)
        text = screen_text(pilot)
        assert "! m01 runs: its plug is pulled. (the same for 11 others)" in text
        assert text.count("plug") == text.count("way back") == 1
        assert all(f" {each.name} " in text for each in list(wire.machines.values())[:9])


@pytest.mark.parametrize("wire", [off(4)])
async def test_failures_are_told_once_by_reason_with_their_machines(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await pilot.press("asterisk", "s")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        jobs = sorted(wire.jobs, key=lambda job: job.name)
        for job in jobs[:3]:
            full = Problem(
                Code.MEMORY_SHORT, f"No memory for {job.name}.", next=f"Stop another than {job.name}."
            )
            wire.tell(JobsChanged(2, (ended(job, full if job is not jobs[0] else None),)))
            await pilot.pause()
            assert not isinstance(pilot.app.screen, OutcomeScreen)
        wire.tell(JobsChanged(3, (ended(jobs[3], Problem(Code.TIMED_OUT, "It took too long.")),)))
        await settled(pilot)
        assert isinstance(pilot.app.screen, OutcomeScreen)
        text = screen_text(pilot)
        assert "Start: 1 machine done, 3 not" in text
        assert "2 machines: No memory for the machine." in text
        assert "m02, m03" in text
        assert "Next: Stop another than M." in text
        assert "1 machine: It took too long." in text
        await pilot.press("escape")
        assert pilot.app.screen is face_of(pilot).cockpit


@pytest.mark.parametrize("wire", [off(2)])
async def test_when_all_is_well_a_line_says_so(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await pilot.press("asterisk", "s")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        wire.tell(JobsChanged(2, tuple(ended(job) for job in wire.jobs)))
        await settled(pilot)
        assert [toast.message for toast in pilot.app._notifications] == ["Start: 2 machines done."]
        assert face_of(pilot).cockpit.acting.batches == []


# -- labels ----------------------------------------------------------------------------------------

LABELLED = msgspec.structs.replace(machine(1, "one"), tags=("dev", "web"), group="shop", note="a\nb")
BARE = machine(2, "two")


@pytest.mark.parametrize("wire", [FakeWire((LABELLED, BARE))])
async def test_labels_of_one_machine_are_edited_as_they_are(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("T")
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, LabelsScreen)
        assert screen.query_one("#tags", Input).value == "dev web"
        assert screen.query_one(TextArea).text == "a\nb"
        await pilot.press("end", *" !")
        await settled(pilot)
        assert "is no tag" in screen_text(pilot)
        assert screen.query_one("#go", Button).disabled
        await pilot.press("enter")
        assert pilot.app.screen is screen
        await pilot.press("backspace", *"new", "tab", "end", "s", "enter")
        await settled(pilot)
        wanted = Labels(("dev", "new", "web"), "shops", "a\nb")
        assert wire.acts() == [LabelMachine(LABELLED.id, wanted, LABELLED.labels)]


@pytest.mark.parametrize("wire", [FakeWire((LABELLED, BARE))])
async def test_of_several_machines_only_what_is_typed_changes(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await pilot.press("asterisk", "T")
        await settled(pilot)
        await pilot.press(*"+ci -web", "enter")
        await settled(pilot)
        assert "Label 2 machines" in screen_text(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert set(wire.acts()) == {
            LabelMachine(LABELLED.id, Labels(("ci", "dev"), "shop", "a\nb"), LABELLED.labels),
            LabelMachine(BARE.id, Labels(("ci",)), Labels()),
        }


@pytest.mark.parametrize("wire", [FakeWire((LABELLED,))])
async def test_labels_are_seen_in_the_list_and_beside_the_graphs(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(80, 24)) as pilot:
        assert "shop · dev web" in screen_text(pilot)
    async with opened(size=(120, 50)) as pilot:
        assert "note" in screen_text(pilot)
