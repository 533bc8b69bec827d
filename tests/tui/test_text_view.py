"""Long lines are folded, beside a scrollbar too: nothing of them is cut away."""

from textual.app import ComposeResult
from textual.screen import Screen

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
