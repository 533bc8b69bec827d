"""Every key of the cockpit does what the help says it does."""

from pathlib import Path

import pytest
from textual.widgets import Input

from clonebox_tui.model.acts import (
    CreateSnapshot,
    DeleteMachine,
    DeleteSnapshot,
    KillMachine,
    PauseMachine,
    RebootMachine,
    RestoreSnapshot,
    ResumeMachine,
    StartMachine,
    StopMachine,
)
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.tui.keymap import FILE_NAME, load_keymap
from clonebox_tui.tui.screens.execute import ExecuteScreen
from clonebox_tui.tui.screens.facts import FactsScreen
from clonebox_tui.tui.screens.help import HelpScreen
from clonebox_tui.tui.screens.jobs import JobsScreen
from clonebox_tui.tui.screens.performed import PerformedScreen
from clonebox_tui.tui.screens.plan import PlanScreen
from tests.tui.conftest import Opened, face_of, screen_text, settled
from tests.tui.fake_wire import FLEET, FakeWire

BY_NAME = {machine.name: machine.id for machine in FLEET}
ORDER = sorted(BY_NAME, key=str.lower)


async def go_to(pilot, name: str) -> None:
    """Put the cursor on a machine by keys."""
    await pilot.press("g", *["j"] * ORDER.index(name))
    await settled(pilot)


def selected(pilot) -> str:
    machine = face_of(pilot).session.machine
    return machine.name if machine else ""


async def test_moving(opened: Opened) -> None:
    async with opened() as pilot:
        assert selected(pilot) == ORDER[0]
        for keys, row in (
            (["j"], 1),
            (["down"], 2),
            (["k"], 1),
            (["up"], 0),
            (["G"], -1),
            (["g"], 0),
            (["ctrl+d"], -1),
            (["ctrl+u"], 0),
        ):
            await pilot.press(*keys)
            assert selected(pilot) == ORDER[row], keys


async def test_panes_by_number_tab_and_zoom(opened: Opened) -> None:
    async with opened() as pilot:
        cockpit = face_of(pilot).cockpit
        for key, pane in (("2", "details"), ("3", "snapshots"), ("4", "log"), ("1", "machines")):
            await pilot.press(key)
            assert cockpit.panes.pane == pane
        await pilot.press("tab")
        assert cockpit.panes.pane == "details"
        await pilot.press("shift+tab", "shift+tab")
        assert cockpit.panes.pane == "log"
        await pilot.press("plus")
        await settled(pilot)
        assert not cockpit.machine_list.region.size
        assert cockpit.log_tail.region.width == 120
        await pilot.press("escape", "escape", "escape", "escape")
        await settled(pilot)
        assert cockpit.panes.pane == "machines"
        assert cockpit.machine_list.region.size
        assert pilot.app.is_running


async def test_enter_goes_in_and_esc_comes_back(opened: Opened) -> None:
    async with opened() as pilot:
        await pilot.press("enter")
        assert face_of(pilot).cockpit.panes.pane == "details"
        await pilot.press("escape")
        assert face_of(pilot).cockpit.panes.pane == "machines"


@pytest.mark.parametrize(
    ("key", "name", "act"),
    [
        ("s", "scratch", StartMachine),
        ("S", "web-dev", StopMachine),
        ("K", "web-dev", KillMachine),
        ("r", "web-dev", RebootMachine),
        ("P", "web-dev", PauseMachine),
        ("P", "old-ci", ResumeMachine),
        ("D", "scratch", DeleteMachine),
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
            DeleteSnapshot(machine, "before-upgrade"),
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
        assert wire.acts() == [CreateSnapshot(BY_NAME["web-dev"], "fresh", "", memory=True)]


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
    wire.plans["machine.delete"] = Plan(
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
        assert wire.acts() == [DeleteMachine(BY_NAME["web-dev"])]


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


async def test_filter(opened: Opened) -> None:
    async with opened() as pilot:
        shown = face_of(pilot).cockpit.machine_list
        for typed, names in (
            ("^s", ["scratch", "sleepy"]),
            ("!e", ["build", "db", "old-ci", "scratch"]),
            ("~wd", ["web-dev"]),
        ):
            await pilot.press("slash")
            await settled(pilot)
            pilot.app.screen.query_one("#prompt-input", Input).value = typed
            await settled(pilot)
            known = face_of(pilot).session.machines
            assert [known[row].name for row in shown.rows] == names, typed
            await pilot.press("enter")
            await settled(pilot)
            assert len(shown.rows) == len(names)
            await pilot.press("escape")
            assert len(shown.rows) == len(FLEET)


async def test_searching_the_log(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("l", "slash")
        await settled(pilot)
        await pilot.press(*"nginx", "enter")
        await settled(pilot)
        log = face_of(pilot).cockpit.log_tail
        assert log._match_at == 10
        await pilot.press("N")
        assert log._match_at == 6
        await pilot.press("n")
        assert log._match_at == 10
        await pilot.press("escape")
        assert log.search is None


async def test_the_command_line(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("colon")
        await settled(pilot)
        await pilot.press(*"reb", "tab", "enter")
        await settled(pilot)
        assert wire.acts() == [RebootMachine(BY_NAME["web-dev"])]
        await pilot.press("colon")
        await settled(pilot)
        await pilot.press(*"nonsense", "enter")
        await settled(pilot)
        assert any("nonsense" in toast.message for toast in pilot.app._notifications)
        await pilot.press("colon")
        await settled(pilot)
        await pilot.press(*"q", "enter")
        await pilot.pause()
        assert not pilot.app.is_running


async def test_palette_runs_actions(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("ctrl+p")
        await settled(pilot)
        await pilot.press(*"reboot")
        await pilot.pause(0.5)
        await pilot.press("down", "enter")
        await settled(pilot)
        assert wire.acts() == [RebootMachine(BY_NAME["web-dev"])]


async def test_help_is_searchable_and_says_why_not(opened: Opened) -> None:
    async with opened() as pilot:
        await pilot.press("question_mark")
        await settled(pilot)
        assert isinstance(pilot.app.screen, HelpScreen)
        assert "running already" in screen_text(pilot)
        await pilot.press(*"snapshot")
        await settled(pilot)
        text = screen_text(pilot)
        assert "Take a snapshot" in text
        assert "Pull the plug" not in text
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, HelpScreen)


async def test_screens_open_and_close(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("r")
        await settled(pilot)
        for key, screen in (("J", JobsScreen), ("at", PerformedScreen), ("x", ExecuteScreen)):
            await pilot.press(key)
            await settled(pilot)
            assert isinstance(pilot.app.screen, screen), key
            if screen is not ExecuteScreen:
                assert "machine.reboot web-dev" in screen_text(pilot)
            await pilot.press("escape")
            await settled(pilot)
            assert pilot.app.screen is face_of(pilot).cockpit


async def test_copy_theme_repaint_quit(opened: Opened) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("y")
        assert pilot.app.clipboard == BY_NAME["web-dev"]
        assert any(BY_NAME["web-dev"] in toast.message for toast in pilot.app._notifications)
        before = pilot.app.theme
        await pilot.press("ctrl+t")
        assert pilot.app.theme != before
        await pilot.press("ctrl+l")
        assert pilot.app.is_running
        await pilot.press("q")
        await pilot.pause()
        assert not pilot.app.is_running


async def test_readonly_refuses_to_change(opened: Opened, wire: FakeWire) -> None:
    async with opened(readonly=True) as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("r")
        await settled(pilot)
        assert wire.acts() == []
        assert any("--readonly" in toast.message for toast in pilot.app._notifications)


async def test_keys_can_be_remapped_by_id(opened: Opened, wire: FakeWire, world: Path) -> None:
    folder = world / "config"
    folder.mkdir()
    (folder / FILE_NAME).write_text('reboot = "f5"\n')
    async with opened() as pilot:
        pilot.app.set_keymap(load_keymap(folder))
        await go_to(pilot, "web-dev")
        await pilot.press("r")
        await settled(pilot)
        assert wire.acts() == []
        await pilot.press("f5")
        await settled(pilot)
        assert wire.acts() == [RebootMachine(BY_NAME["web-dev"])]
        await pilot.press("question_mark", *"reboot")
        await settled(pilot)
        assert "f5" in screen_text(pilot)


@pytest.mark.parametrize("text", ['nonsense = "x"', "reboot = 3", "reboot = "])
def test_a_wrong_keymap_is_named(world: Path, text: str) -> None:
    (world / FILE_NAME).write_text(text)
    with pytest.raises(ProblemError) as caught:
        load_keymap(world)
    assert caught.value.problem.code is Code.CONFIG_INVALID
    assert FILE_NAME in caught.value.problem.what
