"""Long lines are folded, beside a scrollbar too: nothing of them is cut away."""

import pytest
from textual.app import ComposeResult
from textual.screen import Screen

from clonebox_tui.tui.widgets import text_view
from clonebox_tui.tui.widgets.text_view import TextView
from tests.tui.conftest import Opened, screen_text, settled


class Shown(Screen[None]):
    def __init__(self, view: TextView) -> None:
        super().__init__()
        self._view = view

    def compose(self) -> ComposeResult:
        yield self._view


async def test_a_scrollbar_that_comes_later_cuts_no_line(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        view = TextView([(("short", "text"),)])
        await pilot.app.push_screen(Shown(view))
        await settled(pilot)
        assert not view.show_vertical_scrollbar
        for cells in range(78, 82):
            view.put([(("x" * (cells - 3) + "end", "text"),)] * 40)
            await settled(pilot)
            assert view.show_vertical_scrollbar
            assert "…" not in screen_text(pilot)
            view.put([])
            await settled(pilot)


async def test_what_is_added_leaves_the_reader_alone_and_does_not_grow_for_ever(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_view, "MOST_LINES", 100)
    async with opened(size=(80, 24)) as pilot:
        view = TextView()
        view.styles.height = "1fr"
        await pilot.app.push_screen(Shown(view))
        await settled(pilot)
        view.add([((f"line {number}", "text"),) for number in range(60)])
        await settled(pilot)
        assert "line 59" in screen_text(pilot)
        await pilot.resize_terminal(60, 12)
        await settled(pilot)
        assert "line 59" in screen_text(pilot)
        view.action_page(-1)
        await settled(pilot)
        place = view.scroll_offset.y
        view.add([(("more " * 40, "text"),)])
        await settled(pilot)
        assert view.scroll_offset.y == place
        view.action_scroll(1000)
        await settled(pilot)
        view.add([((f"line {number}", "text"),) for number in range(60, 120)])
        await settled(pilot)
        assert "line 119" in screen_text(pilot)
        lines = view.plain_text.split("\n")
        assert (len(lines), lines[0], lines[1]) == (51, "… what came before was left out", "line 70")
