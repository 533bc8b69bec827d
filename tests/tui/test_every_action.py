"""One list of actions: each is found, reached by the keyboard on a small screen, and has its command."""

import re

import click
import msgspec
import pytest
from textual.command import CommandPalette, Hit

from clonebox_tui.cli.main import cli
from clonebox_tui.model.machine import AgentState, State
from clonebox_tui.tui.action import Action
from clonebox_tui.tui.actions import ACTIONS
from clonebox_tui.tui.command_line import find_command
from clonebox_tui.tui.palette import ActionProvider
from clonebox_tui.tui.screens.cockpit import Cockpit
from clonebox_tui.tui.screens.help import HelpScreen
from clonebox_tui.tui.widgets.prompt_line import PromptLine
from clonebox_tui.tui.widgets.text_view import TextView
from tests.cli.reference import commands
from tests.tui.conftest import Opened, face_of, screen_text, settled
from tests.tui.fake_fleet import machine
from tests.tui.fake_wire import FakeWire

NAMES = {"esc": "escape"}
BARE = machine(1, "bare", State.OFF, agent=AgentState.ABSENT)
STATES = {
    "none": (),
    "off": (BARE,),
    "running": (machine(1, "up"),),
    "no agent": (machine(1, "up", agent=AgentState.ABSENT),),
    "paused": (machine(1, "frozen", State.PAUSED),),
    "crashed": (machine(1, "broken", State.CRASHED),),
    "stopping": (machine(1, "leaving", State.STOPPING),),
}
"""Fleets in which different things cannot be done."""


@pytest.fixture
def wire(request: pytest.FixtureRequest) -> FakeWire:
    """The fleet that a test names, else the usual one."""
    return FakeWire(STATES[request.param]) if hasattr(request, "param") else FakeWire()


class Presses:
    """Which actions were run, instead of what they do: that is proved elsewhere."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.run: list[str] = []
        monkeypatch.setattr(Cockpit, "run_as", lambda _cockpit, action, _work: self.run.append(action.id))


async def said_by_help(pilot) -> dict[str, str]:
    """What stands before each title in `?`: its key, or its word on the command line."""
    await pilot.press("question_mark")
    await pilot.pause()
    assert isinstance(pilot.app.screen, HelpScreen)
    lines = pilot.app.screen.query_one(TextView).plain_text.splitlines()
    await pilot.press("escape")
    await pilot.pause()
    found: dict[str, str] = {}
    for action in ACTIONS:
        (line,) = [
            line for line in lines if re.match(rf"  \S+ +{re.escape(action.title)}(  | \(in |$)", line)
        ]
        found[action.id] = line.split()[0]
    return found


@pytest.mark.slow
async def test_every_action_is_reached_by_the_keys_that_help_tells(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(size=(80, 24)) as pilot:
        told = await said_by_help(pilot)
        presses = Presses(monkeypatch)
        panes = face_of(pilot).cockpit.panes
        for action in ACTIONS:
            panes.focus_pane(action.pane or "machines")
            await pilot.pause()
            presses.run.clear()
            key = told[action.id]
            if key.startswith(":") and len(key) > 1:
                monkeypatch.undo()
                await pilot.press("colon")
                await pilot.pause()
                assert pilot.app.screen.query(PromptLine)
                presses = Presses(monkeypatch)
                await pilot.press(*key[1:], "enter")
            else:
                await pilot.press(NAMES.get(key, key))
            await pilot.pause()
            if isinstance(pilot.app.screen, CommandPalette):
                # Textual's own binding comes first; it opens on every screen.
                presses.run.append("palette")
                await pilot.press("escape")
            assert presses.run == [action.id], (action.id, key)


async def test_the_footer_tells_keys_that_work(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    own = {"G", "/"}
    async with opened(size=(80, 24)) as pilot:
        cockpit = face_of(pilot).cockpit
        told = await said_by_help(pilot)
        for pane in ("machines", "details", "snapshots", "log"):
            cockpit.panes.focus_pane(pane)
            await pilot.pause()
            footer = screen_text(pilot).splitlines()[-1]
            assert footer.endswith(("? help", "? help "))
            hints = re.findall(r" (\S+) [\w-]+", footer)
            assert len(hints) >= 4
            assert set(hints) <= {*told.values(), *own, "?"}, (pane, hints)


async def test_every_action_is_in_the_palette(opened: Opened) -> None:
    async with opened() as pilot:
        provider = ActionProvider(pilot.app.screen)
        for action in ACTIONS:
            hits = [hit async for hit in provider.search(action.title)]
            titles = [str(hit.text) for hit in hits if isinstance(hit, Hit)]
            assert action.title in titles, action.id


def test_every_action_is_a_command_of_the_command_line() -> None:
    for action in ACTIONS:
        assert find_command(action.id) is action


HEADLESS = dict(commands(cli))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_has_its_command_or_says_why_not(action: Action) -> None:
    assert bool(action.headless) is not bool(action.screen_only), f"{action.id}: one of the two"
    if action.headless:
        assert action.headless in HEADLESS
        assert isinstance(HEADLESS[action.headless], click.Command)
    else:
        assert action.screen_only.endswith(".")
        assert not action.changes


def test_every_command_that_acts_on_machines_has_an_action() -> None:
    acting = {"start", "stop", "kill", "pause", "reboot", "delete", "clone", "exec", "tag", "group", "note"}
    assert acting <= {action.headless for action in ACTIONS}


def test_ids_titles_and_keys_are_told_apart() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    assert len({action.title for action in ACTIONS}) == len(ACTIONS)
    for pane in ("", "machines", "details", "snapshots", "log"):
        keys = [key for action in ACTIONS if action.pane == pane for key in action.keys]
        assert len(keys) == len(set(keys)), pane


@pytest.mark.parametrize("wire", STATES, indirect=True)
@pytest.mark.parametrize("readonly", [False, True])
async def test_an_action_that_cannot_be_done_says_why(opened: Opened, readonly: bool) -> None:
    async with opened(size=(80, 24), readonly=readonly) as pilot:
        if len(pilot.app.screen_stack) > 1:
            await pilot.press("escape")  # the wizard, where there is no machine
        cockpit = face_of(pilot).cockpit
        refused = {action: action.reason(cockpit.session) for action in ACTIONS}
        if readonly:
            assert all(refused[action] for action in ACTIONS if action.changes)
        done: list[str] = []
        for action, reason in refused.items():
            if not reason:
                continue
            assert reason.endswith("."), (action.id, reason)
            pilot.app.clear_notifications()
            cockpit.run(msgspec.structs.replace(action, run=lambda _, id=action.id: done.append(id)))
            await pilot.pause()
            assert [toast.message for toast in pilot.app._notifications] == [reason], action.id
        assert done == []
        assert refused, "nothing was refused"
        await settled(pilot)
