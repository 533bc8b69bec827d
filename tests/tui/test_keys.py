"""Every key of the cockpit does what the help says it does."""

import re
from pathlib import Path

import pytest
from textual.widgets import Input

from clonebox_tui.model.acts import (
    RebootMachine,
)
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.tui.keymap import FILE_NAME, load_keymap
from clonebox_tui.tui.screens.execute import ExecuteScreen
from clonebox_tui.tui.screens.help import HelpScreen
from clonebox_tui.tui.screens.jobs import JobsScreen
from clonebox_tui.tui.screens.performed import PerformedScreen
from tests.tui.conftest import Opened, eventually, face_of, screen_text, settled
from tests.tui.fake_fleet import FLEET
from tests.tui.fake_wire import FakeWire
from tests.tui.going import BY_NAME, ORDER, go_to, selected


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


async def test_no_key_stands_twice_in_the_footer(opened: Opened) -> None:
    async with opened(size=(200, 50)) as pilot:
        for pane in "1234":
            await pilot.press(pane)
            await settled(pilot)
            shown = [key for key, _ in face_of(pilot).cockpit._hints()]
            assert len(set(shown)) == len(shown)


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
        await eventually(pilot, lambda: "Reboot" in screen_text(pilot))
        await settled(pilot)
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


async def test_help_on_another_screen_tells_the_keys_of_that_screen(opened: Opened) -> None:
    async with opened() as pilot:
        await pilot.press("J", "question_mark")
        await settled(pilot)
        assert isinstance(pilot.app.screen, HelpScreen)
        text = screen_text(pilot)
        assert re.search(r"c +cancel the job", text)
        assert re.search(r"j down +down", text)
        assert "Clone a folder" not in text
        await pilot.press(*"/filter")
        await settled(pilot)
        assert re.search(r"/ +filter", screen_text(pilot))
        assert "cancel the job" not in screen_text(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, JobsScreen)


async def test_in_the_help_the_longest_keys_stand_apart_from_their_words(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("J", "question_mark", *"half")
        await settled(pilot)
        assert re.search(r"ctrl\+d pagedown +half a page", screen_text(pilot))


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


async def test_a_key_of_two_panes_is_remapped_in_one(opened: Opened, wire: FakeWire, world: Path) -> None:
    (world / FILE_NAME).write_text('delete = "f8"\nhelp = "=, esc"\nback = "f9"\n')
    async with opened() as pilot:
        pilot.app.set_keymap(load_keymap(world))
        await settled(pilot)
        keys = pilot.app.screen.keys()  # type: ignore[attr-defined]
        assert {name: keys[name] for name in ("delete", "snapshot-delete", "help", "back")} == {
            "delete": "f8",
            "snapshot-delete": "D",
            "help": "= esc",
            "back": "f9",
        }
        await pilot.press("equals_sign")
        await settled(pilot)
        assert isinstance(pilot.app.screen, HelpScreen)


@pytest.mark.parametrize(
    "text",
    [
        'nonsense = "x"', "reboot = 3", "reboot = ", 'reboot = ""', 'reboot = "nosuchkey"',
        'reboot = "hyper+"', 'reboot = "q"', 'reboot = "j"', 'reboot = "f5"\nstart = "f5"', 'reboot = "r,S"',
    ],
)  # fmt: skip
def test_a_wrong_keymap_is_named(world: Path, text: str) -> None:
    (world / FILE_NAME).write_text(text)
    with pytest.raises(ProblemError) as caught:
        load_keymap(world)
    assert caught.value.problem.code is Code.CONFIG_INVALID
    assert FILE_NAME in caught.value.problem.what
