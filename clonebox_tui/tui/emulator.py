"""A terminal in memory: what a guest draws on its console, with the lines that scrolled away.

pyte interprets the control sequences. Added here is what it lacks: the second screen that editors use,
the past, and a size that can shrink; nothing a guest sends may break it.
"""

import copy
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import pyte
from pyte.screens import Char
from rich.cells import cell_len

PAST_LINES = 3000
_ALTERNATE = frozenset({47, 1047, 1049})
_WIDTH_OF_132 = 3
_APPLICATION_CURSOR = 1 << 5
_BRACKETED_PASTE = 2004 << 5
_MOST_CELLS = 1000


class Look(NamedTuple):
    """How a cell looks; colours as pyte names them, or six hexadecimal digits."""

    fg: str = "default"
    bg: str = "default"
    bold: bool = False
    italics: bool = False
    underscore: bool = False
    strikethrough: bool = False
    reverse: bool = False


Row = tuple[tuple[str, Look], ...]
"""One line: harmless text of equal looks."""


class Emulator(pyte.Screen):
    """`answer` gets what a terminal replies to a guest's question (where is the cursor)."""

    def __init__(self, columns: int, lines: int, answer: Callable[[str], None]) -> None:
        self.past: deque[Row] = deque(maxlen=PAST_LINES)
        self.scrolled = 0
        """Lines that ever scrolled away."""
        self._answer = answer
        self._first: tuple[dict[int, Mapping[int, Char]], pyte.screens.Cursor] | None = None
        super().__init__(columns, lines)
        self._stream = _Stream(self)

    def feed(self, text: str) -> None:
        """Draw; `dirty` then holds the lines that may have changed."""
        self._stream.feed(text)

    @property
    def application_cursor(self) -> bool:
        """Whether arrow keys send what programs asked for, instead of what a shell expects."""
        return _APPLICATION_CURSOR in self.mode

    @property
    def bracketed_paste(self) -> bool:
        """Whether the guest wants to know what was pasted."""
        return _BRACKETED_PASTE in self.mode

    def row(self, y: int) -> Row:
        """A line as it is seen now."""
        line: Mapping[int, Char] = self.buffer.get(y, {})
        return _row(line, self.columns, self.default_char)

    # -- what pyte calls ---------------------------------------------------------------------------

    def write_process_input(self, data: str) -> None:
        """A question was asked."""
        self._answer(data.replace("\x9b", "\x1b["))

    def index(self) -> None:
        """One line down; the one that leaves the first screen is kept."""
        top, bottom = self.margins or (0, self.lines - 1)
        if self.cursor.y == bottom and top == 0:
            self._keep(1)
        super().index()

    def set_mode(self, *modes: int, **kwargs: bool) -> None:
        """Programs switch to the second screen by a mode."""
        private = bool(kwargs.get("private"))
        super().set_mode(*(mode for mode in modes if not (private and mode == _WIDTH_OF_132)), **kwargs)
        if private and _ALTERNATE.intersection(modes) and self._first is None:
            self._first = dict(self.buffer), copy.copy(self.cursor)
            self._clear()

    def reset_mode(self, *modes: int, **kwargs: bool) -> None:
        """And back."""
        private = bool(kwargs.get("private"))
        super().reset_mode(*(mode for mode in modes if not (private and mode == _WIDTH_OF_132)), **kwargs)
        if private and _ALTERNATE.intersection(modes) and self._first is not None:
            (lines, cursor), self._first = self._first, None
            self._clear()
            self.buffer.update(lines)  # type: ignore[arg-type]  # they were its own
            self.cursor = cursor
            self._keep_cursor_inside()

    def reset(self) -> None:
        """As it was at first, on the first screen."""
        self._first = None
        super().reset()

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Another size; what stands above the cursor scrolls away only when there is no room for it."""
        lines = max(1, min(_MOST_CELLS, lines or self.lines))
        columns = max(1, min(_MOST_CELLS, columns or self.columns))
        if lines < self.lines:
            leaving = max(0, self.cursor.y + 1 - lines)
            self._keep(leaving)
            for y in range(self.lines):
                if y + leaving < self.lines and y < lines:
                    self.buffer[y] = self.buffer[y + leaving]
                else:
                    self.buffer.pop(y, None)
            self.cursor.y -= leaving
            self.lines = lines
        super().resize(lines, columns)
        self.set_margins()
        self._keep_cursor_inside()
        self.tabstops = set(range(8, columns, 8))
        self.dirty.update(range(lines))

    # -- within ------------------------------------------------------------------------------------

    def _keep(self, count: int) -> None:
        if self._first is None:
            self.past.extend(self.row(y) for y in range(count))
            self.scrolled += count

    def _clear(self) -> None:
        self.buffer.clear()
        self.dirty.update(range(self.lines))

    def _keep_cursor_inside(self) -> None:
        self.cursor.x = min(self.cursor.x, self.columns - 1)
        self.cursor.y = max(0, min(self.cursor.y, self.lines - 1))


class _Stream(pyte.Stream):
    """Passes over sequences that pyte fails on."""

    use_utf8 = False
    """Text is decoded already; like this, programs may choose the set with line-drawing characters."""

    def _send_to_parser(self, data: str) -> bool | None:
        try:
            return super()._send_to_parser(data)
        except Exception:  # noqa: BLE001 whatever an untrusted guest found; the parser has begun anew
            return True


def _row(line: Mapping[int, Char], columns: int, blank: Char) -> Row:
    runs: list[tuple[str, Look]] = []
    text, look = "", Look()
    skip = False
    for x in range(columns):
        if skip:
            skip = False
            continue
        cell = line.get(x, blank)
        following = line.get(x + 1)
        skip = x + 1 < columns and following is not None and following.data == "" and cell.data != ""
        here = _look(cell)
        if here != look and text:
            runs.append((text, look))
            text = ""
        look = here
        text += _shown(cell.data, 2 if skip else 1)
    return (*runs, (text, look)) if text else tuple(runs)


def _look(cell: Char) -> Look:
    return Look(cell.fg, cell.bg, cell.bold, cell.italics, cell.underscore, cell.strikethrough, cell.reverse)


@lru_cache(maxsize=4096)
def _shown(data: str, width: int) -> str:
    """A cell's text, printable and exactly as wide as the guest believes."""
    return data if data.isprintable() and cell_len(data) == width else " " * width
