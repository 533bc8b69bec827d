"""Remembers what the terminal shows and writes only the cells that differ: a third of the bytes over SSH.

Textual repaints whole regions with full colour codes for each segment. `ScreenShadow` stands between an
update and the terminal. It belongs to the app, since all screens share one terminal. What it needs of
Textual is private (`App._display`, the two update classes): `Face` falls back to the stock path when
they are not there, and the version of Textual is pinned.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Size
from textual.strip import Strip

_GAP = 3
"""Equal cells inside a changed run that are cheaper to write again than to jump over."""

Codes = tuple[str, str, str]
"""SGR parameters of a style: attributes, foreground, background."""

_PLAIN: Codes = ("", "39", "49")
_ATTRIBUTES = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4",
    "blink": "5",
    "reverse": "7",
    "strike": "9",
}

Placed = tuple[int, int, Strip]
"""Row, column, and the strip that begins there."""


@lru_cache(4096)
def _single_cells(text: str) -> bool:
    """Whether every character takes exactly one cell."""
    return all(get_character_cell_size(character) == 1 for character in text)


def _parameters(style: Style, system: ColorSystem | None) -> str:
    """The parameters rich would write for a style."""
    drawn = style.render(" ", color_system=system)
    return drawn[2 : drawn.index("m")] if drawn.startswith("\x1b[") else ""


class ScreenShadow:
    """`sequence` turns an update into what has to be written, and remembers it as written."""

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._characters: list[list[str]] = []
        self._styles: list[list[Codes | None]] = []
        self._codes: dict[Style | None, Codes] = {None: _PLAIN}
        self._out: list[str] = []
        self._pen: Codes | None = None
        self._at = (-1, -1)

    def forget(self) -> None:
        """Nothing is known of the terminal any more: the next update is written in full."""
        self._size = Size(0, 0)

    def sequence(self, update: ChopsUpdate | LayoutUpdate, size: Size, system: ColorSystem | None) -> str:
        """What to write for `update` on a terminal of this size and number of colours."""
        if size != self._size:
            self._size = size
            self._characters = [[""] * size.width for _ in range(size.height)]
            self._styles = [[None] * size.width for _ in range(size.height)]
        self._out, self._pen, self._at = [], None, (-1, -1)
        for y, x, strip in _placed(update):
            if 0 <= y < size.height:
                self._strip(y, x, strip, system)
        if self._out:
            self._out.append("\x1b[0m")
        return "".join(self._out)

    def _strip(self, y: int, x: int, strip: Iterable[Segment], system: ColorSystem | None) -> None:
        for text, style, control in strip:
            if control or not text:
                continue
            codes = self._codes.get(style) or self._learn(style, system)
            if text.isascii() or _single_cells(text):
                self._narrow(y, x, text, codes)
                x += len(text)
            else:
                x = self._wide(y, x, text, codes)

    def _learn(self, style: Style | None, system: ColorSystem | None) -> Codes:
        if style is None:
            return _PLAIN
        attributes = ";".join(code for name, code in _ATTRIBUTES.items() if getattr(style, name))
        front = _parameters(Style(color=style.color), system) if style.color else ""
        back = _parameters(Style(bgcolor=style.bgcolor), system) if style.bgcolor else ""
        codes = self._codes[style] = (attributes, front or "39", back or "49")
        return codes

    def _narrow(self, y: int, x: int, text: str, codes: Codes) -> None:
        """Cells of one character each: write the runs that differ."""
        text = text[: max(0, self._size.width - x)]
        count = len(text)
        characters, styles = self._characters[y], self._styles[y]
        new = list(text)
        if characters[x : x + count] == new and styles[x : x + count] == [codes] * count:
            return
        changed = [i for i in range(count) if characters[x + i] != new[i] or styles[x + i] != codes]
        characters[x : x + count] = new
        styles[x : x + count] = [codes] * count
        for first, last in _runs(changed):
            self._write(y, x + first, text[first : last + 1], codes, last + 1 - first)

    def _wide(self, y: int, x: int, text: str, codes: Codes) -> int:
        """Characters of other widths are written anew each time; their cells count as unknown."""
        width = sum(get_character_cell_size(character) for character in text)
        for cell in range(x, min(x + width, self._size.width)):
            self._styles[y][cell] = None
        self._write(y, x, text, codes, width)
        return x + width

    def _write(self, y: int, x: int, text: str, codes: Codes, width: int) -> None:
        if self._at != (y, x):
            row, column = self._at
            near = row == y and 0 < x - column < 100
            self._out.append(f"\x1b[{x - column}C" if near else f"\x1b[{y + 1};{x + 1}H")
        if codes != self._pen:
            self._out.append(_change(self._pen, codes))
            self._pen = codes
        self._out.append(text)
        # After the last column terminals differ in where the cursor is.
        self._at = (y, x + width) if x + width < self._size.width else (-1, -1)


class LeanUpdate(CompositorUpdate):
    """An update of Textual's, written through the shadow."""

    def __init__(self, update: ChopsUpdate | LayoutUpdate, shadow: ScreenShadow, size: Size) -> None:
        self._update = update
        self._shadow = shadow
        self._screen_size = size

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Never drawn by rich: the app asks for `render_segments`."""
        del console, options
        yield from ()

    def render_segments(self, console: Console) -> str:
        """What is written to the terminal."""
        return self._shadow.sequence(self._update, self._screen_size, console._color_system)


def leaner(renderable: object, shadow: ScreenShadow, size: Size) -> LeanUpdate | None:
    """The lean form of an update; None for anything else."""
    if isinstance(renderable, ChopsUpdate | LayoutUpdate):
        return LeanUpdate(renderable, shadow, size)
    return None


def _change(before: Codes | None, after: Codes) -> str:
    """The shortest SGR sequence from one style to another; None: from anything."""
    if before is None or before[0] != after[0]:
        return f"\x1b[{';'.join(part for part in ('0', *after) if part not in ('', '39', '49'))}m"
    parts = [new for old, new in zip(before[1:], after[1:], strict=True) if old != new]
    return f"\x1b[{';'.join(parts)}m"


def _runs(changed: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of each stretch of changed cells, small gaps included."""
    first = last = changed[0]
    for index in changed[1:]:
        if index - last > _GAP:
            yield first, last
            first = index
        last = index
    yield first, last


def _placed(update: ChopsUpdate | LayoutUpdate) -> Iterator[Placed]:
    """The strips of an update with their places."""
    if isinstance(update, LayoutUpdate):
        for y, row in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in row:
                assert isinstance(strip, Strip)  # noqa: S101 the compositor makes no other
                yield y, x, strip
                x += strip.cell_length
        return
    for y, left, right in update.spans:
        for end, (column, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if chop is not None and column < right and end > left:
                yield y, column, chop
