"""What is typed: filters that say what is wrong, commands that complete and are remembered, jumps."""

import pytest
from textual.widgets import Input, Label

from clonebox_tui.model.acts import LabelMachine, RestoreSnapshot, StartMachine, StopMachine
from clonebox_tui.model.labels import Labels
from clonebox_tui.tui.actions import ACTIONS
from clonebox_tui.tui.presentation.grouping import Grouping
from clonebox_tui.tui.presentation.snapshot_row import NOW
from clonebox_tui.tui.screens.jobs import JobsScreen
from clonebox_tui.tui.screens.jump import JumpScreen, letters_for
from clonebox_tui.tui.widgets.prompt_line import PromptLine
from tests.tui.conftest import Opened, face_of, screen_text, settled
from tests.tui.fake_fleet import FLEET
from tests.tui.fake_wire import FakeWire
from tests.tui.test_keys import BY_NAME, go_to, selected


async def type_line(pilot, line: str, *keys: str) -> None:
    """Open the command line, type, and press more keys."""
    await pilot.press("colon")
    await pilot.pause()
    await pilot.press(*(" " if letter == " " else letter for letter in line))
    await pilot.press(*keys)
    await pilot.pause()


def line_of(pilot) -> str:
    return pilot.app.screen.query_one("#prompt-input", Input).value


def hint_of(pilot) -> str:
    return str(pilot.app.screen.query_one("#prompt-hint", Label).render())


# -- filters ---------------------------------------------------------------------------------------


async def test_a_filter_tells_its_count_and_what_is_wrong_while_it_is_typed(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("slash", *"state:off")
        await settled(pilot)
        assert "1 of 8" in screen_text(pilot)
        pilot.app.screen.query_one(Input).value = "[web"
        await settled(pilot)
        assert "not a regular expression" in hint_of(pilot)
        assert "0 of 8" in screen_text(pilot)
        pilot.app.screen.query_one(Input).value = "web"
        await settled(pilot)
        assert "regex" in hint_of(pilot)
        assert "1 of 8" in screen_text(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert " of 8" not in screen_text(pilot)
        assert not pilot.app.screen.query(PromptLine)


async def test_what_is_typed_is_seen_whole_beside_a_long_hint(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("colon", *"group-by tag")
        await settled(pilot)
        line = screen_text(pilot).splitlines()[-1]
        assert line.startswith(" : group-by tag")
        assert "group-by [BY]" in line
        await pilot.press("escape", "l", "L", *"file:/var/log/cloud-init-output.log")
        await settled(pilot)
        assert "file:/var/log/cloud-init-output.log" in screen_text(pilot).splitlines()[-1]


async def test_snapshots_are_filtered_in_their_pane(opened: Opened) -> None:
    async with opened(size=(120, 40)) as pilot:
        await go_to(pilot, "web-dev")
        tree = face_of(pilot).cockpit.snapshot_tree
        everything = list(tree.rows)
        await pilot.press("p", "slash", *"upgr", "enter")
        await settled(pilot)
        assert tree.rows == [row for row in everything if row in ("before-upgrade", NOW)]
        assert "1 of 4" in screen_text(pilot)
        await pilot.press("escape")
        assert tree.rows == everything
        assert face_of(pilot).cockpit.panes.pane == "snapshots"


async def test_the_log_counts_matches_and_knows_inverse_and_fuzzy(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("l")
        await settled(pilot)
        for text, hits in (("nginx", 2), ("!nginx", 11), ("~pgsql", 1)):
            await pilot.press("slash")
            await settled(pilot)
            pilot.app.screen.query_one(Input).value = text
            await pilot.press("enter")
            await settled(pilot)
            assert f"{hits} of 13 lines" in screen_text(pilot), text
        await pilot.press("slash")
        await settled(pilot)
        pilot.app.screen.query_one(Input).value = "(open"
        await settled(pilot)
        assert "not a regular expression" in hint_of(pilot)


async def test_jobs_are_filtered(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(80, 24)) as pilot:
        for name, key in (("web-dev", "r"), ("scratch", "s")):
            await go_to(pilot, name)
            await pilot.press(key)
            await settled(pilot)
        await pilot.press("J", "slash", *"scratch", "enter")
        await settled(pilot)
        text = screen_text(pilot)
        assert "1 of 2" in text
        assert "machine.reboot web-dev" not in text
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(pilot.app.screen, JobsScreen)
        assert "machine.reboot web-dev" in screen_text(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(pilot.app.screen, JobsScreen)


# -- commands --------------------------------------------------------------------------------------


async def test_a_command_names_its_machines(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "build")
        await type_line(pilot, "stop web-dev", "enter")
        await settled(pilot)
        assert wire.acts() == [StopMachine(BY_NAME["web-dev"])]
        assert selected(pilot) == "build"
        await type_line(pilot, "start scratch sleepy", "enter")
        await settled(pilot)
        assert "Start 2 machines" in screen_text(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert set(wire.acts()[1:]) == {StartMachine(BY_NAME["scratch"]), StartMachine(BY_NAME["sleepy"])}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("stop nobody", "no machine nobody"),
        ("stop scratch", "It is off"),
        ("zoom now", "takes nothing more"),
        ("theme plaid", "no theme plaid"),
        ("theme light dark", "Leave out “dark”"),
        ("logs web-dev db", "Leave out “db”"),
        ("s", "could be"),
        ("group-by colour", "put together by"),
        ("snapshot-restore absent", "no snapshot"),
    ],
)
async def test_a_command_that_cannot_be_done_says_why(
    opened: Opened, wire: FakeWire, line: str, words: str
) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await type_line(pilot, line, "enter")
        await settled(pilot)
        assert wire.acts() == []
        said = " ".join(f"{toast.title} {toast.message}" for toast in pilot.app._notifications)
        assert words in said


async def test_commands_with_arguments(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        cockpit = face_of(pilot).cockpit
        await go_to(pilot, "web-dev")
        await type_line(pilot, "filter state:off", "enter")
        assert cockpit.machine_list.filter_text == "state:off"
        await type_line(pilot, "logs web-dev", "enter")
        await settled(pilot)
        assert (selected(pilot), cockpit.panes.pane) == ("web-dev", "log")
        assert cockpit.machine_list.filter_text == ""
        await type_line(pilot, "group-by state", "enter")
        assert cockpit.machine_list.grouping is Grouping.STATE
        await type_line(pilot, "theme light", "enter")
        assert pilot.app.theme == "clonebox-light"
        await type_line(pilot, "snapshot-restore base", "enter")
        await settled(pilot)
        assert wire.acts() == [RestoreSnapshot(BY_NAME["web-dev"], "base")]


async def test_tab_goes_round_what_may_follow(opened: Opened) -> None:
    async with opened() as pilot:
        await type_line(pilot, "snap")
        expected = [action.id for action in ACTIONS if action.id.startswith("snap")]
        seen = []
        for _ in expected:
            await pilot.press("tab")
            seen.append(line_of(pilot))
        assert seen == expected
        await pilot.press("tab")
        assert line_of(pilot) == "snap"
        await pilot.press("shift+tab")
        assert line_of(pilot) == expected[-1]
        await pilot.press("escape")
        await type_line(pilot, "stop we", "tab")
        assert line_of(pilot) == "stop web-dev "
        await pilot.press("escape")
        await type_line(pilot, "theme lig", "tab", "tab")
        assert line_of(pilot) == "theme light "
        await pilot.press("escape")
        await type_line(pilot, "stop we", "tab")
        await pilot.press(*"s", "tab")
        assert line_of(pilot) == "stop web-dev scratch"
        assert "[MACHINE…]" in hint_of(pilot)


async def test_the_ghost_shows_what_tab_or_right_would_take(opened: Opened) -> None:
    async with opened() as pilot:
        await type_line(pilot, "reb")
        await settled(pilot)
        assert "reboot" in screen_text(pilot).splitlines()[-1].split("·")[0]
        await pilot.press("right")
        assert line_of(pilot) == "reboot"


async def test_what_was_run_comes_back_with_the_arrows(opened: Opened) -> None:
    async with opened() as pilot:
        for line in ("filter a", "filter b", "filter a"):
            await type_line(pilot, line, "enter")
        await type_line(pilot, "", "up")
        assert line_of(pilot) == "filter a"
        await pilot.press("up")
        assert line_of(pilot) == "filter b"
        await pilot.press("up")
        assert line_of(pilot) == "filter b"
        await pilot.press("down", "down")
        assert line_of(pilot) == ""


async def test_labels_are_written_by_commands(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        machine = BY_NAME["web-dev"]
        for line, labels in (
            ("tag +web dev", Labels(("dev", "web"))),
            ("group the shop", Labels((), "the shop")),
            ("note don't stop it", Labels(note="don't stop it")),
        ):
            await type_line(pilot, line, "enter")
            await settled(pilot)
            assert wire.acts()[-1] == LabelMachine(machine, labels, Labels())
        count = len(wire.acts())
        await type_line(pilot, "tag a,b", "enter")
        await settled(pilot)
        assert len(wire.acts()) == count
        assert any("is no tag" in toast.message for toast in pilot.app._notifications)


# -- jump ------------------------------------------------------------------------------------------


def test_letters_are_as_few_as_they_can_be() -> None:
    assert letters_for(3) == ["a", "s", "d"]
    many = letters_for(60)
    assert len(set(many)) == 60
    assert {len(word) for word in many} == {2}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_jump_goes_to_a_row_or_a_pane(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        cockpit = face_of(pilot).cockpit
        order = [face_of(pilot).session.machines[row].name for row in cockpit.machine_list.rows]
        await pilot.press("semicolon")
        await settled(pilot)
        assert isinstance(pilot.app.screen, JumpScreen)
        row = next(line for line in screen_text(pilot).splitlines() if order[3] in line)
        assert row.startswith(f"│f  {order[3]}")
        await pilot.press("f")
        await settled(pilot)
        assert selected(pilot) == order[3]
        await pilot.press("semicolon", "4")
        await settled(pilot)
        assert cockpit.panes.pane == "log"
        await pilot.press("semicolon", "escape")
        await settled(pilot)
        assert pilot.app.screen is cockpit
        await pilot.press("semicolon", "0", "0", "colon")
        await settled(pilot)
        assert cockpit.query(PromptLine)


async def test_a_jump_reaches_every_row_of_a_long_list(opened: Opened) -> None:
    async with opened(size=(120, 40)) as pilot:
        await go_to(pilot, "web-dev")
        cockpit = face_of(pilot).cockpit
        count = len(FLEET) + len(cockpit.snapshot_tree.rows)
        assert count <= 26
        await pilot.press("semicolon", letters_for(count)[-2])
        await settled(pilot)
        assert cockpit.panes.pane == "snapshots"
        assert cockpit.snapshot_tree.cursor == cockpit.snapshot_tree.rows[-2]
