"""How a story is told: a fixed fleet, twelve ticks of history, then keys; no clock takes part."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from textual.pilot import Pilot

from clonebox_tui.tui import thrift
from clonebox_tui.tui.face import Face
from clonebox_tui.tui.presentation.glyphs import UNICODE, Glyphs
from clonebox_tui.tui.screens import execute
from clonebox_tui.tui.session import Session
from tests.tui.conftest import asking
from tests.tui.fake_fleet import FLEET, NOW, clone_job
from tests.tui.fake_wire import FakeWire

TICKS = 12

_FOLLOW_AFTER_SECONDS = 0.02
thrift._FOLLOW_AFTER_SECONDS = _FOLLOW_AFTER_SECONDS
"""The panes follow a person's cursor once it rests; a story has no time to lose."""
execute.stopwatch = lambda: 0.0
"""No command takes time, however slow the machine is."""
WIDE, SMALL = (120, 40), (80, 24)
HUGE, TINY = (200, 60), (50, 12)
DARK, LIGHT = "clonebox-dark", "clonebox-light"

_LONGEST_SECONDS = 60.0

Scene = Callable[[Pilot[None]], Awaitable[None]]


class StillFace(Face):
    """A cockpit whose messages stay, however slow the machine is that draws it."""

    def notify(self, message: str, **more: Any) -> None:
        """As ever, for an hour."""
        super().notify(message, **{**more, "timeout": 3_600})


def cockpit(wire: FakeWire, theme: str, readonly: bool = False, glyphs: Glyphs | None = UNICODE) -> StillFace:
    """A cockpit on the fixed fleet with a frozen clock."""

    async def connect() -> FakeWire:
        return wire

    session = Session(clock=lambda: NOW, readonly=readonly)
    face = StillFace(connect, session, glyphs)  # type: ignore[arg-type]
    face.theme = theme
    face.animation_level = "none"
    return face


def busy_wire() -> FakeWire:
    """The fleet while one machine is being cloned."""
    wire = FakeWire()
    wire.jobs = [clone_job(FLEET[2])]
    return wire


def _settled(face: Face) -> bool:
    machine = face.session.machine
    if machine is None:
        return face.session.loaded
    panes = face.cockpit
    title = panes.details.border_title or ""
    return title.startswith(machine.name) and bool(panes.log_tail.log_lines)


async def still(pilot: Pilot[None]) -> None:
    """Wait until the panes have followed the cursor and all they asked for is there."""
    assert isinstance(pilot.app, Face)
    await pilot.pause(3 * _FOLLOW_AFTER_SECONDS)
    async with asyncio.timeout(_LONGEST_SECONDS):
        while asking(pilot.app) or not _settled(pilot.app):
            await pilot.pause(0.05)
    await pilot.pause()


def story(wire: FakeWire, *keys: str, then: Callable[[FakeWire], None] | None = None) -> Scene:
    """Ticks, then the cursor on web-dev, then keys; `.` among the keys waits for stillness."""

    async def tell(pilot: Pilot[None]) -> None:
        await still(pilot)
        for tick in range(TICKS):
            wire.sample(2.0 * tick)
        if wire.machines:
            await pilot.press("G", "k")
        await still(pilot)
        for key in keys:
            await (still(pilot) if key == "." else pilot.press(key))
        if then is not None:
            then(wire)
        await still(pilot)
        for field in pilot.app.screen.query("Input"):
            field.cursor_blink = False  # type: ignore[attr-defined]
            field._cursor_visible = True  # type: ignore[attr-defined]
        await pilot.pause()

    return tell
