"""The graph screen on a real worker: any moment of the last day is read by keys."""

import re

import pytest
from textual.pilot import Pilot

from clonebox_tui.model.connection import HostReading
from clonebox_tui.model.machine import State
from clonebox_tui.model.rpc import Samples
from clonebox_tui.tui.screens.graphs import GraphsScreen, HostGraphsScreen
from clonebox_tui.tui.widgets.timeline_view import TimelineView
from tests.tui.conftest import Opened, eventually, face_of, screen_text, settled
from tests.tui.fake_fleet import NOW, URI
from tests.tui.fake_wire import FakeWire
from tests.tui.test_demo import _select

CLOCK = re.compile(r"^ (?:\w{3} )?(\d\d:\d\d:\d\d)  ")


def _view(pilot: Pilot[None]) -> TimelineView:
    return pilot.app.screen.query_one(TimelineView)


async def _open(pilot: Pilot[None], name: str) -> TimelineView:
    await _select(pilot, name)
    await pilot.press("2", "enter")
    await eventually(pilot, lambda: isinstance(pilot.app.screen, GraphsScreen))
    await eventually(pilot, lambda: _view(pilot).timeline.loaded)
    await settled(pilot)
    return _view(pilot)


def _line(pilot: Pilot[None], word: str) -> str:
    return next(line for line in screen_text(pilot).splitlines() if line.lstrip().startswith(word))


def _curve(pilot: Pilot[None]) -> str:
    return "".join(each for each in screen_text(pilot) if "\u2800" < each <= "\u28ff")


async def test_the_past_is_there_at_once_for_a_whole_day(demo: Pilot[None]) -> None:
    view = await _open(demo, "web-dev")
    for name, cells in (("10 min", 90), ("1 h", 90), ("6 h", 30), ("24 h", 5)):
        assert f"[{name}]" in screen_text(demo)
        await eventually(demo, lambda: view.timeline.loaded)
        await settled(demo)
        assert len(_curve(demo)) > cells, screen_text(demo)
        await demo.press("right_square_bracket")
    assert "[24 h]" in screen_text(demo)
    await demo.press(*["left_square_bracket"] * 9)
    assert "[1 min]" in screen_text(demo)


async def test_the_cursor_reads_a_moment_and_goes_back_to_now(demo: Pilot[None]) -> None:
    view = await _open(demo, "web-dev")
    assert "now" in screen_text(demo).splitlines()[1]
    await demo.press("H", "H", "left", "h")
    head = screen_text(demo).splitlines()[1]
    assert CLOCK.match(head)
    assert "ago" in head
    values = {
        "cpu": r"\d+ %",
        "memory": r"[\d.]+ [GM]iB of [\d.]+ [GM]iB",
        "disk": r"↑ read [\d.]+ .?B/s +↓ write [\d.]+ .?B/s",
        "network": r"↑ out [\d.]+ .?b/s +↓ in [\d.]+ .?b/s",
    }
    for word, value in values.items():
        assert re.search(value, _line(demo, word)), screen_text(demo)
    moment = view.at
    assert moment is not None
    await demo.press("right_square_bracket")
    assert view.at == moment
    await demo.press("G")
    assert view.at is None
    await demo.press("y")
    assert "cpu" in demo.app.clipboard
    await demo.press("escape")
    await settled(demo)
    assert face_of(demo).screen is face_of(demo).cockpit


@pytest.mark.slow
async def test_curves_go_on_with_the_present(demo: Pilot[None]) -> None:
    view = await _open(demo, "web-dev")
    before = view.timeline.newest
    await eventually(demo, lambda: view.timeline.newest > before + 2)
    await demo.press("left")
    moment = view.at
    await demo.pause(1.2)
    assert view.at == moment


@pytest.mark.slow
async def test_what_did_not_run_is_a_gap(demo: Pilot[None]) -> None:
    await _open(demo, "scratch")
    assert screen_text(demo).count("nothing recorded") == 4
    assert not _curve(demo)
    await demo.press("q")
    session = face_of(demo).session
    await demo.press("s")
    scratch = session.selected
    await eventually(demo, lambda: session.machines[scratch].state is State.RUNNING)
    await demo.press("enter")
    await eventually(demo, lambda: "nothing recorded" not in _line(demo, "cpu"))
    assert 0 < len(_curve(demo)) < 80


async def test_a_small_terminal_shows_all_four(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("colon", *"graphs", "enter")
        await settled(pilot)
        text = screen_text(pilot)
        for word in ("cpu", "memory", "disk", "network", "[10 min]", "now", "esc back"):
            assert word in text, text
        await pilot.click("#timeline", offset=(40, 8))
        assert "ago" in screen_text(pilot).splitlines()[1]


async def test_the_host_has_the_same_graphs_and_a_past(demo: Pilot[None]) -> None:
    await demo.press("H")
    await eventually(demo, lambda: isinstance(demo.app.screen, HostGraphsScreen))
    view = _view(demo)
    await eventually(demo, lambda: view.timeline.loaded)
    await settled(demo)
    text = screen_text(demo)
    assert "host › simulated://demo › graphs" in text
    assert "nothing recorded" not in text
    assert "not offered" not in text
    assert re.search(r"[\d.]+ GiB of 64 GiB", _line(demo, "memory"))
    before = view.timeline.newest
    await eventually(demo, lambda: view.timeline.newest > before + 2)
    for _ in range(3):
        await demo.press("right_square_bracket")
    await eventually(demo, lambda: view.timeline.loaded)
    await settled(demo)
    assert len(_curve(demo)) > 90
    assert "[24 h]" in screen_text(demo)


async def test_what_a_remote_host_does_not_tell_is_said(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        bare = HostReading(URI, 20.0, 2**30, 2**33)
        wire.hosts_past = None
        for second in range(5):
            wire.tell(Samples(NOW + second, (), (bare,)))
        await pilot.press("H")
        await settled(pilot)
        assert "average 20 %" in _line(pilot, "cpu")
        assert "not offered by this connection" in _line(pilot, "disk")
        assert "not offered by this connection" in _line(pilot, "network")
