"""Each key that does something to machines: its act, its plan, and what it asks first."""

import pytest
from textual.widgets import Input

from clonebox_tui.model.acts import (
    CreateSnapshot,
    KillMachine,
    PauseMachine,
    RebootMachine,
    RestoreSnapshot,
    ResumeMachine,
    StartMachine,
    StopMachine,
    TrashMachine,
    TrashSnapshot,
)
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.tui.screens.facts import FactsScreen
from clonebox_tui.tui.screens.plan import PlanScreen
from tests.tui.conftest import Opened, face_of, screen_text, settled
from tests.tui.fake_fleet import FLEET
from tests.tui.fake_wire import FakeWire
from tests.tui.going import BY_NAME, go_to


@pytest.mark.parametrize(
    ("key", "name", "act"),
    [
        ("s", "scratch", StartMachine),
        ("S", "web-dev", StopMachine),
        ("K", "web-dev", KillMachine),
        ("r", "web-dev", RebootMachine),
        ("P", "web-dev", PauseMachine),
        ("P", "old-ci", ResumeMachine),
        ("D", "scratch", TrashMachine),
    ],
)
async def test_a_key_runs_its_act_on_the_selected_machine(
    opened: Opened, wire: FakeWire, key: str, name: str, act: type
) -> None:
    async with opened() as pilot:
        await go_to(pilot, name)
        await pilot.press(key)
        await settled(pilot)
        assert wire.acts() == [act(BY_NAME[name])]


@pytest.mark.parametrize(
    ("key", "name", "words"),
    [("s", "web-dev", "running"), ("S", "scratch", "off"), ("x", "scratch", "off"), ("P", "scratch", "off")],
)
async def test_a_key_that_cannot_be_used_says_why(
    opened: Opened, wire: FakeWire, key: str, name: str, words: str
) -> None:
    async with opened() as pilot:
        await go_to(pilot, name)
        await pilot.press(key)
        await settled(pilot)
        assert wire.acts() == []
        told = " ".join(toast.message for toast in pilot.app._notifications)
        assert name in told
        assert words in told


async def test_snapshot_keys(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("p")
        cockpit = face_of(pilot).cockpit
        assert cockpit.panes.pane == "snapshots"
        assert cockpit.snapshot_tree.cursor == "before-upgrade"
        await pilot.press("R")
        await settled(pilot)
        await pilot.press("D")
        await settled(pilot)
        machine = BY_NAME["web-dev"]
        assert wire.acts() == [
            RestoreSnapshot(machine, "before-upgrade"),
            TrashSnapshot(machine, "before-upgrade"),
        ]
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, FactsScreen)
        await pilot.press("escape")
        await pilot.press("h")
        assert cockpit.snapshot_tree.cursor == "base"


async def test_taking_a_snapshot(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("p", "t")
        await settled(pilot)
        name = pilot.app.screen.query_one("#name", Input)
        assert name.value
        name.value = "base"
        await pilot.press("enter")
        await settled(pilot)
        assert "already" in screen_text(pilot)
        assert wire.acts() == []
        name.value = "fresh"
        await pilot.press("enter")
        await settled(pilot)
        assert wire.acts() == [CreateSnapshot(BY_NAME["web-dev"], "fresh", "", memory=True, settle=True)]


async def test_a_destructive_plan_asks_with_cancel_focused(opened: Opened, wire: FakeWire) -> None:
    wire.plans["machine.kill"] = Plan(
        "machine.kill",
        "Kill web-dev",
        (PlanStep("kill", "Pull the plug", "destroy()"),),
        "f",
        destructive=True,
    )
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("K")
        await settled(pilot)
        assert isinstance(pilot.app.screen, PlanScreen)
        assert "destroy()" in screen_text(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert wire.acts() == []
        await pilot.press("K")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert wire.acts() == [KillMachine(BY_NAME["web-dev"])]


async def test_an_irreversible_plan_wants_the_name_typed(opened: Opened, wire: FakeWire) -> None:
    wire.plans["machine.trash"] = Plan(
        "machine.delete",
        "Delete web-dev",
        (PlanStep("undefine", "Forget it"),),
        "f",
        destructive=True,
        reversible=False,
        confirm="web-dev",
    )
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("D")
        await settled(pilot)
        await pilot.press(*"web-de", "enter")
        await settled(pilot)
        assert wire.acts() == []
        await pilot.press("v", "enter")
        await settled(pilot)
        assert wire.acts() == [TrashMachine(BY_NAME["web-dev"])]


async def test_marks_and_one_act_on_many(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "scratch")
        await pilot.press("space", "space")
        session = face_of(pilot).session
        assert session.marked == {BY_NAME["scratch"], BY_NAME["sleepy"]}
        await pilot.press("s")
        await settled(pilot)
        text = screen_text(pilot)
        assert "Start 2 machines" in text
        assert "scratch" in text
        await pilot.press("y")
        await settled(pilot)
        assert set(wire.acts()) == {StartMachine(BY_NAME["scratch"]), StartMachine(BY_NAME["sleepy"])}
        await pilot.press("asterisk")
        assert len(session.marked) == len(FLEET) - 2
        await pilot.press("escape")
        assert not session.marked


async def test_readonly_refuses_to_change(opened: Opened, wire: FakeWire) -> None:
    async with opened(readonly=True) as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("r")
        await settled(pilot)
        assert wire.acts() == []
        assert any("--readonly" in toast.message for toast in pilot.app._notifications)
