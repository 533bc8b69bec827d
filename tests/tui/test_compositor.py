"""Writing only what differs leaves the terminal, cell by cell, as Textual's own full drawing would."""

import time
from random import Random
from typing import Any

import pytest
import textual
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from clonebox_tui.tui.compositor import MADE_FOR, usable
from clonebox_tui.tui.face import Face
from clonebox_tui.tui.line import Line
from clonebox_tui.tui.session import Session
from tests.tui.conftest import eventually, settled
from tests.tui.emulated import EmulatedTerminal, differences, emulated, settled_text
from tests.tui.fake_fleet import NOW
from tests.tui.fake_wire import FakeWire
from tests.tui.gallery import Dialog, Gallery, Other

_KEYS = ("down", "down", "up", "tab", "shift+tab", "pagedown", "end", "home", "x", "中", "backspace", "left",
         "shift+left", "shift+end", "enter")  # fmt: skip
_SIZES = ((80, 24), (100, 30), (61, 17), (100, 30))

_PATIENCE_SECONDS = 10.0
_ACTS = ("keys",) * 6 + ("shuffle",) * 6 + ("dialog", "other", "escape", "escape", "resize", "spoil", "theme")


def _steady(app: App[Any]) -> None:
    """No blinking: two pictures of one moment must be the same."""
    for screen in app.screen_stack:
        for field in (*screen.query(Input), *screen.query(TextArea)):
            field.cursor_blink = False


async def _still(pilot: Pilot[Any]) -> None:
    _steady(pilot.app)
    # Input comes in late steps: message, layout, update timer (1/60 s).
    await pilot.pause(0.06)
    await pilot.pause()


async def _alike(pilot: Pilot[Any], terminal: EmulatedTerminal, *done: str) -> None:
    """Wait until the terminal shows what Textual would draw; on a busy host the last change comes late."""
    await _still(pilot)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while wrong := differences(pilot.app, terminal):
        assert time.monotonic() < deadline, "\n".join([" ".join(done), *wrong[:8], settled_text(terminal)])
        await _still(pilot)


async def _at_rest(pilot: Pilot[Any], terminal: EmulatedTerminal) -> None:
    """Wait until what a start draws is drawn."""
    written = -1
    while written != len(terminal.writes):
        written = len(terminal.writes)
        await settled(pilot)


async def _something(pilot: Pilot[Any], terminal: EmulatedTerminal, chance: Random) -> str:
    app = pilot.app
    assert isinstance(app, Gallery)
    act = chance.choice(
        ["keys"] * 6 + ["shuffle"] * 6 + ["dialog", "other", "escape", "escape", "resize", "spoil", "theme"]
    )
    if act == "keys":
        await pilot.press(*chance.choices(_KEYS, k=3))
    elif act == "shuffle":
        app.shuffle(chance)
    elif act in ("dialog", "other") and len(app.screen_stack) < 4:
        await app.push_screen(Dialog() if act == "dialog" else Other())
    elif act == "escape" and len(app.screen_stack) > 1:
        app.pop_screen()
    elif act == "resize":
        size = chance.choice(_SIZES)
        terminal.spoil(*size)
        await pilot.resize_terminal(*size)
    elif act == "spoil":
        terminal.spoil()
        app.forget_terminal()
        app.screen.refresh()
    elif act == "theme":
        app.theme = chance.choice(["textual-dark", "textual-light", "nord"])
    return act


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_random_acts_on_many_screens_end_as_stock_drawing_would(seed: int) -> None:
    chance = Random(seed)
    async with emulated(Gallery(), (100, 30)) as (pilot, terminal):
        await _still(pilot)
        done: list[str] = []
        for _ in range(20):
            done.append(await _something(pilot, terminal, chance))
            await _alike(pilot, terminal, *done)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 6))
async def test_pictures_that_come_in_pieces_end_as_stock_drawing_would(seed: int) -> None:
    chance = Random(seed)
    async with emulated(Gallery(_slow_line()), (100, 30)) as (pilot, terminal):
        for _ in range(15):
            await _something(pilot, terminal, chance)
            await _still(pilot)
            await eventually(pilot, lambda: not differences(pilot.app, terminal))


async def test_on_a_slow_line_a_picture_comes_in_pieces_and_the_list_first() -> None:
    async with emulated(_cockpit(FakeWire(), _slow_line()), (120, 40)) as (pilot, terminal):
        await eventually(pilot, lambda: not differences(pilot.app, terminal))
        terminal.writes.clear()
        terminal.spoil()
        await pilot.press("ctrl+l")
        await eventually(pilot, lambda: not differences(pilot.app, terminal))
        written = "".join(terminal.writes)
        assert written.index("legacy-router") < written.index("Linux version")
        assert max(map(len, terminal.writes)) < 1_500 < len(written) / 3


def _slow_line() -> Line:
    """A line that takes next to nothing at once."""
    line = Line("slow")
    line.rate = 1.0
    return line


def _cockpit(wire: FakeWire, line: Line | None = None) -> Face:
    async def connect() -> FakeWire:
        return wire

    face = Face(connect, Session(clock=lambda: NOW), line=line)  # type: ignore[arg-type]
    # The emulator is no terminal that could be hung up.
    face._heed_the_end = lambda: None  # type: ignore[method-assign]
    return face


@pytest.mark.slow
async def test_the_cockpit_over_many_keys_and_ticks_shows_what_stock_drawing_would() -> None:
    chance, wire = Random(7), FakeWire()
    keys = ("j", "k", "G", "g", "tab", "question_mark", "escape", "escape", "t", "slash", "e", "x", "enter",
            "J", "plus", "colon", "ctrl+t", "ctrl+p", "ctrl+l", "z", "space", "l")  # fmt: skip
    async with emulated(_cockpit(wire), (120, 40)) as (pilot, terminal):
        await _still(pilot)
        for moment in range(40):
            wire.sample(2.0 * moment)
            await pilot.press(chance.choice(keys))
            await _alike(pilot, terminal)


async def test_the_cockpit_writes_nothing_while_nothing_changes() -> None:
    async with emulated(_cockpit(FakeWire()), (120, 40)) as (pilot, terminal):
        await eventually(pilot, lambda: "clonebox: ready" in settled_text(terminal))
        await _at_rest(pilot, terminal)
        await pilot.pause(0.5)
        terminal.writes.clear()
        pilot.app.screen.refresh()
        await pilot.pause(1.2)  # a second's tick of the clock as well
        assert terminal.writes == []


async def test_a_cursor_key_writes_little(monkeypatch: pytest.MonkeyPatch) -> None:
    # The panes that follow are not the key's: on a busy machine they would come before one can look.
    monkeypatch.setattr("clonebox_tui.tui.thrift._FOLLOW_AFTER_SECONDS", 600.0)
    async with emulated(_cockpit(FakeWire()), (120, 40)) as (pilot, terminal):
        await eventually(pilot, lambda: "redis" in settled_text(terminal))
        await pilot.press("j")
        # What a start still draws beside the list is not the key's either.
        await _at_rest(pilot, terminal)
        terminal.writes.clear()
        await pilot.press("j")
        await _still(pilot)
        assert 0 < len("".join(terminal.writes).encode()) <= 600


async def test_repaint_puts_right_what_another_program_drew() -> None:
    async with emulated(_cockpit(FakeWire()), (120, 40)) as (pilot, terminal):
        await pilot.pause(0.5)
        terminal.spoil()
        await pilot.press("ctrl+l")
        await _alike(pilot, terminal)


async def test_coming_back_from_suspension_draws_everything() -> None:
    async with emulated(_cockpit(FakeWire()), (120, 40)) as (pilot, terminal):
        await pilot.pause(0.5)
        app = pilot.app
        app._suspend_signal()
        terminal.spoil()
        app._resume_signal()
        app.refresh(layout=True)
        await _alike(pilot, terminal)


@pytest.mark.parametrize("size", [(120, 40), (90, 26)])
async def test_a_resized_terminal_is_drawn_anew_even_at_the_old_size(size: tuple[int, int]) -> None:
    async with emulated(_cockpit(FakeWire()), (120, 40)) as (pilot, terminal):
        await pilot.pause(0.5)
        terminal.spoil(*size)
        await pilot.resize_terminal(*size)
        await pilot.pause(0.3)
        await _alike(pilot, terminal)


def test_the_stock_drawing_is_used_when_asked_for_or_not_made_for() -> None:
    assert textual.__version__ == MADE_FOR
    assert usable({})
    assert not usable({"CLONEBOX_STOCK_COMPOSITOR": "1"})
    assert not usable({}, version="8.2.7")


async def test_stock_drawing_shows_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLONEBOX_STOCK_COMPOSITOR", "1")
    async with emulated(_cockpit(FakeWire()), (120, 40)) as (pilot, terminal):
        await pilot.press("j", "j", "k")
        await _alike(pilot, terminal)
