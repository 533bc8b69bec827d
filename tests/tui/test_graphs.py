"""The graph screen on a real worker: any moment of the last day is read by keys."""

import re

from textual.pilot import Pilot

from clonebox_tui.model.machine import State
from clonebox_tui.tui.screens.graphs import GraphsScreen
from clonebox_tui.tui.widgets.timeline_view import TimelineView
from tests.tui.conftest import Opened, eventually, face_of, screen_text, settled
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


async def test_curves_go_on_with_the_present(demo: Pilot[None]) -> None:
    view = await _open(demo, "web-dev")
    before = view.timeline.newest
    await eventually(demo, lambda: view.timeline.newest > before + 2)
    await demo.press("left")
    moment = view.at
    await demo.pause(1.2)
    assert view.at == moment


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
