"""A list of lines with a cursor, virtualised: only what is on screen is made, only what changed is drawn.

Rows are known by id, never by number: data that arrives does not move the selection.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from clonebox_tui.tui.presentation.glyphs import UNICODE
from clonebox_tui.tui.presentation.inks import inks
from clonebox_tui.tui.presentation.runs import Runs
from clonebox_tui.tui.widgets.strips import strip_of

_CACHED_STRIPS = 512
_WHEEL_ROWS = 3


class RowView(Widget, can_focus=True):
    """Subclasses give `runs_of` and hold the data; `show` says which rows there are.

    It scrolls by itself: Textual's own scrolling lays the whole screen out anew when a list grows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", show=False),
        Binding("k,up", "move(-1)", "up", show=False),
        Binding("g,home", "end(0)", "first", show=False),
        Binding("G,end", "end(1)", "last", show=False),
        Binding("ctrl+d,pagedown", "page(1)", "half a page down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "half a page up", show=False),
        Binding("enter", "choose", "into", show=False),
    ]

    class OnRow(Message):
        """Something about a row of a view."""

        def __init__(self, view: "RowView", row: str) -> None:
            super().__init__()
            self.view = view
            self.row = row

        @property
        def control(self) -> "RowView":
            """For `@on(..., selector)`."""
            return self.view

    class Moved(OnRow):
        """The cursor went to another row."""

    class Chosen(OnRow):
        """Enter, or a click on the row under the cursor."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.rows: list[str] = []
        self.places: dict[str, int] = {}
        self.cursor = ""
        self.top = 0
        """Number of the first row on screen."""
        self._strips: dict[str, tuple[Runs, bool, int, Strip]] = {}
        self._styles: dict[str, Style] | None = None
        self._cursor_style = Style()
        self._ascii = False

    # -- for subclasses ----------------------------------------------------------------------------

    def runs_of(self, row: str, width: int) -> Runs:
        """The line of a row."""
        raise NotImplementedError

    def empty_runs(self, y: int, width: int) -> Runs:
        """What stands at line `y` when there is no row at all."""
        del y, width
        return ()

    def selectable(self, row: str) -> bool:
        """Whether the cursor may stand on a row."""
        del row
        return True

    @property
    def rows_in_view(self) -> list[str]:
        """The rows on screen, from the top."""
        return self.rows[self.top : self.top + self.content_size.height]

    # -- data --------------------------------------------------------------------------------------

    def show(self, rows: Sequence[str]) -> None:
        """There are these rows now. The cursor stays on its id, else near where it was."""
        at = self.places.get(self.cursor, 0)
        self.rows = list(rows)
        self.places = {row: index for index, row in enumerate(self.rows)}
        self._strips.clear()
        if self.cursor not in self.places:
            self.cursor = self._nearest(at, 1)
            self.post_message(self.Moved(self, self.cursor))
        self.top = max(0, min(self.top, len(self.rows) - self.content_size.height))
        self._reveal(self.places.get(self.cursor, 0))
        self.refresh(self._whole)

    def redraw(self, rows: Iterable[str]) -> None:
        """These rows may look different: those on screen that do are drawn."""
        top, (width, height) = self.top, self.content_size
        dirty: list[Region] = []
        wanted = rows if isinstance(rows, set | frozenset) else set(rows)
        for index in range(top, min(len(self.rows), top + height)):
            row = self.rows[index]
            cached = self._strips.get(row)
            # Styles that are looked up anew take the strips away, but not what is on the screen.
            if row in wanted and (cached is None or cached[0] != self.runs_of(row, width)):
                dirty.append(self._region(index))
        if dirty:
            self.refresh(*dirty)

    def put_cursor(self, row: str) -> None:
        """Move the cursor to a row, scrolling as little as needed."""
        index = self.places.get(row)
        if index is None or row == self.cursor:
            return
        before = self.places.get(self.cursor)
        self.cursor = row
        if not self._reveal(index):
            self.refresh(self._region(index), *([] if before is None else [self._region(before)]))
        self.post_message(self.Moved(self, row))

    # -- keys and mouse ----------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """One row up or down."""
        self._go(self.places.get(self.cursor, 0) + step)

    def action_page(self, direction: int) -> None:
        """Half a page up or down."""
        self._go(self.places.get(self.cursor, 0) + direction * max(1, self.content_size.height // 2))

    def action_end(self, last: int) -> None:
        """The first or the last row."""
        self._go(len(self.rows) - 1 if last else 0)

    def action_choose(self) -> None:
        """Go into the row; without one the key is for whoever else wants it."""
        if not self.cursor:
            raise SkipAction
        self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Point at a row; point again to go into it."""
        offset = event.get_content_offset(self)
        index = self.top + offset.y if offset else -1
        if 0 <= index < len(self.rows):
            if self.rows[index] == self.cursor:
                self.post_message(self.Chosen(self, self.cursor))
            if self.selectable(self.rows[index]):
                self.put_cursor(self.rows[index])

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the view, not the cursor."""
        event.stop()
        self._scroll(_WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the view, not the cursor."""
        event.stop()
        self._scroll(-_WHEEL_ROWS)

    def _scroll(self, rows: int) -> None:
        self.top = max(0, min(self.top + rows, len(self.rows) - self.content_size.height))
        self.refresh(self._whole)

    def _go(self, index: int) -> None:
        row = self._nearest(index, -1 if index < self.places.get(self.cursor, 0) else 1)
        if row:
            self.put_cursor(row)

    def _nearest(self, index: int, direction: int) -> str:
        """The row at `index`, else the next one that way that can be selected, else one the other way."""
        count = len(self.rows)
        index = max(0, min(count - 1, index))
        ways = (range(index, count), range(index, -1, -1))
        order = chain(*(ways if direction > 0 else reversed(ways)))
        return next((self.rows[at] for at in order if at < count and self.selectable(self.rows[at])), "")

    def _reveal(self, index: int) -> bool:
        height = self.content_size.height
        if self.top <= index < self.top + height or not height:
            return False
        self.top = index if index < self.top else index - height + 1
        if self.top == index and index and not self.selectable(self.rows[index - 1]):
            # A heading is seen with its first row.
            self.top -= height > 1
        self.refresh(self._whole)
        return True

    # -- drawing -----------------------------------------------------------------------------------

    @property
    def _whole(self) -> Region:
        return self.content_size.region

    def _region(self, index: int) -> Region:
        return Region(0, index - self.top, self.content_size.width, 1)

    def on_resize(self) -> None:
        """Keep the cursor on screen, and no empty rows where there are more."""
        self.top = max(0, min(self.top, len(self.rows) - self.content_size.height))
        index = self.places.get(self.cursor)
        if index is not None:
            self._reveal(index)

    def notify_style_update(self) -> None:
        """Theme, focus or classes changed: styles are looked up anew."""
        self._styles = None
        self._strips.clear()
        super().notify_style_update()

    def _inks(self) -> dict[str, Style]:
        if self._styles is None:
            variables = self.app.theme_variables
            self._styles = inks(variables, "background")
            name = "ink-cursor" if self.has_focus else "ink-cursor-blurred"
            self._cursor_style = Style(bgcolor=inks(variables, name)["text"].bgcolor, bold=self.has_focus)
            if self.app.no_color:
                # Greys can be one and the same on a poor terminal.
                self._cursor_style = Style(reverse=self.has_focus, underline=not self.has_focus)
            self._ascii = getattr(self.app, "glyphs", UNICODE).ascii
        return self._styles

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        width = self.content_size.width
        index = y + self.top
        if index >= len(self.rows):
            return self._strip(self.empty_runs(y, width) if not self.rows else (), width, False)
        row = self.rows[index]
        runs, under_cursor = self.runs_of(row, width), row == self.cursor
        cached = self._strips.get(row)
        if cached is not None and cached[:3] == (runs, under_cursor, width):
            return cached[3]
        if len(self._strips) > _CACHED_STRIPS:
            self._strips.clear()
        strip = self._strip(runs, width, under_cursor)
        self._strips[row] = (runs, under_cursor, width, strip)
        return strip

    def _strip(self, runs: Runs, width: int, under_cursor: bool) -> Strip:
        styles = self._inks()
        return strip_of(runs, width, styles, self._ascii, self._cursor_style if under_cursor else None)
