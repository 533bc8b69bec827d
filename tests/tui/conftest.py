"""A cockpit to press keys on: over a fixed fleet in this process, or over the real worker and its demo."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
import textual.app
from textual.app import App
from textual.pilot import Pilot

from clonebox_tui.client import Client
from clonebox_tui.model.places import places
from clonebox_tui.model.rpc import STOP, StopWorker, Watch
from clonebox_tui.tui.face import Face
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.session import Session
from tests.tui.fake_fleet import NOW
from tests.tui.fake_wire import FakeWire

_KEY_GRAIN_SECONDS = 0.005


async def _idle_after_key(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Textual's wait after a key, in finer steps: twice 20 ms a key were half of these tests' time."""
    begun = time.monotonic()
    while True:
        spent = time.process_time()
        await asyncio.sleep(_KEY_GRAIN_SECONDS)
        waited = time.monotonic() - begun
        # A twentieth of the time counts as idle, as it does there.
        idle = time.process_time() - spent < _KEY_GRAIN_SECONDS / 20
        if waited >= max_sleep or (waited > min_sleep and idle):
            return


textual.app.wait_for_idle = _idle_after_key  # type: ignore[attr-defined]

Opened = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def wire() -> FakeWire:
    """The fixed fleet."""
    return FakeWire()


@pytest.fixture
def opened(wire: FakeWire) -> Opened:
    """Open a cockpit on the fixed fleet: `async with opened(size=(80, 24)) as pilot`."""

    @asynccontextmanager
    async def opening(
        size: tuple[int, int] = (120, 40),
        readonly: bool = False,
        glyphs: Glyphs | None = None,
        messages: bool = False,
    ) -> AsyncIterator[Pilot[None]]:
        async def connect() -> FakeWire:
            return wire

        face = Face(connect, Session(clock=lambda: NOW, readonly=readonly), glyphs)  # type: ignore[arg-type]
        async with face.run_test(size=size, notifications=messages) as pilot:
            await settled(pilot)
            yield pilot

    return opening


_FOR_EVER = frozenset({"link", "follow", "console", "acts", "connections"})
"""Groups of work that lasts; of acts and connections, one that asks a person waits for the answer."""


def asking(face: App[None]) -> bool:
    """Whether a screen still waits for something it asked for."""
    return any(each.is_running and each.group not in _FOR_EVER for each in face.workers)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until what was asked for has come and is drawn; the panes follow 150 ms after the cursor."""
    await pilot.pause(0.2)
    # A process that others hold up looks idle, too; what hangs on purpose is not waited for.
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline:
        await pilot.pause(0.02 if asking(pilot.app) else None)
        if not asking(pilot.app):  # what had come is drawn, and nothing more was asked for meanwhile
            break
    await pilot.pause()


async def eventually(pilot: Pilot[None], true: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something another process does."""
    for _ in range(int(seconds / 0.05)):
        if true():
            return
        await pilot.pause(0.05)
    raise AssertionError(f"still not so after {seconds:g} s\n{screen_text(pilot)}")


def face_of(pilot: Pilot[None]) -> Face:
    """The app."""
    assert isinstance(pilot.app, Face)
    return pilot.app


def screen_text(pilot: Pilot[None]) -> str:
    """What stands on the screen, line by line."""
    app = pilot.app
    width, height = app.size
    lines = app.screen._compositor.render_strips() if app.screen else []
    del width
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines[:height])


@pytest.fixture
async def demo() -> AsyncIterator[Pilot[None]]:
    """A cockpit on a real worker of this test's own, with the simulated fleet."""
    where = places(os.environ, os.getuid(), demo=True)

    async def connect() -> Client:
        client = await Client.connect(where, demo=True)
        await client.watch(Watch())
        return client

    face = Face(connect)
    async with face.run_test(size=(120, 40)) as pilot:
        await eventually(pilot, lambda: bool(face.session.machines))
        await settled(pilot)
        try:
            yield pilot
        finally:
            await face.session.call(STOP, StopWorker(force=True))


@pytest.fixture
def folder(world: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of this test's own, and the front end standing in it."""
    project = world / "shop front"
    (project / ".git").mkdir(parents=True)
    monkeypatch.chdir(project)
    return project
