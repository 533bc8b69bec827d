"""A guest's terminal on the screen: draws the lines that changed, sends every key but the way out."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from clonebox_tui.model.harmless import HarmlessStream
from clonebox_tui.tui.emulator import Emulator, Look, Row
from clonebox_tui.tui.presentation.ascii_cells import in_ascii_cells
from clonebox_tui.tui.presentation.console_keys import key_bytes
from clonebox_tui.tui.presentation.glyphs import UNICODE
from clonebox_tui.tui.presentation.inks import inks

if TYPE_CHECKING:
    from clonebox_tui.tui.presentation.glyphs import Glyphs

LEAVE = frozenset({"ctrl+right_square_bracket", "ctrl+]"})
_BACK, _FORTH = "shift+pageup", "shift+pagedown"
_WHEEL_LINES = 3
_NAMES = {"brown": "yellow", "brightbrown": "bright_yellow", "bfightmagenta": "bright_magenta"}


class ConsoleView(Widget, can_focus=True):
    """`send` gets what is typed. Posts `Left` and `SizeChanged`."""

    class Left(Message):
        """The person wants out."""

    class SizeChanged(Message):
        """There is room for another number of cells."""

        def __init__(self, rows: int, columns: int) -> None:
            super().__init__()
            self.rows, self.columns = rows, columns

    def __init__(self, send: Callable[[bytes], None], id: str | None = None) -> None:
        super().__init__(id=id)
        self._send = send
        self._emulator = Emulator(80, 24, lambda text: send(text.encode()))
        self._harmless = HarmlessStream()
        self._back = 0
        self._cursor_line = 0
        self._base = Style()
        self._styles: dict[Look, Style] = {}

    @property
    def lines_back(self) -> int:
        """How far the past is scrolled into view."""
        return self._back

    @property
    def shown_text(self) -> str:
        """What is in view, as text."""
        rows = (self._row(y) for y in range(self._emulator.lines))
        return "\n".join("".join(text for text, _ in row).rstrip() for row in rows)

    def feed(self, data: bytes) -> None:
        """The guest printed."""
        emulator, before = self._emulator, self._emulator.scrolled
        emulator.feed(self._harmless.feed(data))
        if self._back:
            # What one reads stays where it is.
            self._back = min(len(emulator.past), self._back + emulator.scrolled - before)
            self.refresh()
        else:
            lines = {*emulator.dirty, self._cursor_line, emulator.cursor.y}
            self.refresh(*(Region(0, y, self.size.width, 1) for y in sorted(lines) if y < emulator.lines))
        emulator.dirty.clear()
        self._cursor_line = emulator.cursor.y

    # -- what a person does ------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Every key is the guest's, but the way out and into the past."""
        event.stop()
        event.prevent_default()
        if event.key in LEAVE:
            self.post_message(self.Left())
        elif event.key in (_BACK, _FORTH):
            half = max(1, self._emulator.lines // 2)
            self._scroll(half if event.key == _BACK else -half)
        else:
            data = key_bytes(event.key, event.character, self._emulator.application_cursor)
            if data:
                self._scroll(-self._back)
                self._send(data)

    def on_paste(self, event: events.Paste) -> None:
        """As if typed; a paste cannot pretend to be keys where the guest tells them apart."""
        event.stop()
        data = event.text.replace("\x1b", "").replace("\r\n", "\r").replace("\n", "\r").encode()
        if self._emulator.bracketed_paste:
            data = b"\x1b[200~" + data + b"\x1b[201~"
        self._scroll(-self._back)
        self._send(data)

    def on_focus(self) -> None:
        """The cursor appears."""
        self.refresh()

    def on_blur(self) -> None:
        """And goes."""
        self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Into the past."""
        event.stop()
        self._scroll(_WHEEL_LINES)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Back."""
        event.stop()
        self._scroll(-_WHEEL_LINES)

    def _scroll(self, lines: int) -> None:
        back = max(0, min(len(self._emulator.past), self._back + lines))
        if back != self._back:
            self._back = back
            self.refresh()

    # -- drawing -----------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """More room, or less."""
        rows, columns = event.size.height, event.size.width
        if rows and columns:
            self._emulator.resize(rows, columns)
            self._emulator.dirty.clear()
            self._cursor_line, self._back = self._emulator.cursor.y, 0
            self.post_message(self.SizeChanged(rows, columns))
            self.refresh()

    def notify_style_update(self) -> None:
        """Theme changed."""
        self._styles = {}
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        if not self._styles:
            self._base = inks(self.app.theme_variables, "background")["text"]
        cells: list[Segment] = [Segment(text, self._style(look)) for text, look in self._row(y)]
        emulator, width = self._emulator, self.size.width
        strip = Strip(cells).adjust_cell_length(width, self._base)
        cursor = emulator.cursor
        if not self._back and y == cursor.y and not cursor.hidden and self.has_focus:
            strip = _with_cursor(strip, min(cursor.x, width - 1), width)
        glyphs: Glyphs = getattr(self.app, "glyphs", UNICODE)
        if glyphs.ascii:
            strip = Strip([Segment(in_ascii_cells(each.text), each.style) for each in strip], width)
        return strip

    def _row(self, y: int) -> Row:
        past = self._emulator.past
        if y < self._back:
            return past[len(past) - self._back + y]
        return self._emulator.row(y - self._back)

    def _style(self, look: Look) -> Style:
        if look not in self._styles:
            self._styles[look] = self._base + Style(
                color=_colour(look.fg),
                bgcolor=_colour(look.bg),
                bold=look.bold,
                italic=look.italics,
                underline=look.underscore,
                strike=look.strikethrough,
                reverse=look.reverse,
            )
        return self._styles[look]


def _with_cursor(strip: Strip, x: int, width: int) -> Strip:
    """Reversed where the cursor is; a wide character has it on both halves."""
    before, under, after = strip.divide([x, x + 1, width])
    plain = Style()
    shown = [
        Segment(each.text, (each.style or plain) + Style(reverse=not (each.style or plain).reverse))
        for each in under
    ]
    return Strip.join([before, Strip(shown), after])


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name):
        return f"#{name}"
    known = _NAMES.get(name, name)
    return known if not known.startswith("bright") or "_" in known else f"bright_{known[6:]}"
