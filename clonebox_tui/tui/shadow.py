"""What the terminal shows, cell by cell, so that only what differs has to be written.

Knows escape sequences (ECMA-48: CUP, CUF, SGR; OSC 8 for links) and nothing of Textual. Text with wide or
zero-width characters is kept in one piece, because terminals do not agree on how wide some of it is.
"""

from collections.abc import Iterable, Sequence
from typing import cast

from rich.cells import cell_len, get_character_cell_size
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

_ATTRIBUTES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""SGR codes in the order of the bits of rich's Style."""

_SEEN_ON_BLANKS = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
"""Bits of underline, reverse, strike, double underline, frame, encircle, overline: a space shows them."""

_MOST_PENS = 4096
_MOVED_BYTES = 6
_BRIDGED_BYTES = 3
"""Unchanged cells worth writing again instead of a movement, which takes four bytes at least."""

Cell = str | tuple[str, int] | None
"""A narrow character; or a text that stays in one piece, and which of its cells this is; None: unknown."""


class Pen:
    """How a cell is drawn, as SGR parameters. Compared by identity: there is one for each look.

    `blank` is the pen of a space in that look: its foreground, bold and so on cannot be seen.
    """

    __slots__ = ("attributes", "background", "blank", "foreground", "link")

    def __init__(self, attributes: str, foreground: str, background: str, link: str) -> None:
        self.attributes = attributes
        self.foreground = foreground
        self.background = background
        self.link = link
        self.blank = self

    @property
    def order(self) -> tuple[str, str, str, str]:
        """Sorts pens so that neighbours have much in common."""
        return (self.link, self.attributes, self.background, self.foreground)


_DEFAULT = Pen("", "39", "49", "")

Run = tuple[int, int, str, int]
"""Row, column, text, and the column after it (-1 where terminals disagree)."""


class Shadow:
    """`put` takes what should stand somewhere and remembers it; `written` gives the bytes that make it so."""

    def __init__(self, width: int, height: int, colours: ColorSystem) -> None:
        self.width, self.height = width, height
        self._colours = colours
        self._cells: list[list[Cell]] = [[None] * width for _ in range(height)]
        self._pens: list[list[Pen | None]] = [[None] * width for _ in range(height)]
        self._styles: dict[Style | None, Pen] = {}
        self._looks: dict[tuple[str, str, str, str], Pen] = {}
        self._narrow: set[str] = set()
        self._runs: dict[Pen, list[Run]] = {}
        self._disputed: dict[Pen, list[Run]] = {}
        self.noted = 0
        """About so many bytes have to be written by now."""
        self.overran: set[int] = set()
        """Rows in which something may have been written over that was not put since; clear it when read."""

    # -- taking ------------------------------------------------------------------------------------

    def put(self, y: int, x: int, segments: Iterable[Segment]) -> None:
        """From column `x` of row `y` on these segments stand."""
        cells: list[Cell] = []
        pens: list[Pen] = []
        pieces = False
        for text, style, control in segments:
            if control or not text:
                continue
            pen = self._pen(style)
            if self._all_narrow(text):
                cells += text
                blank = pen.blank
                pens += [pen] * len(text) if " " not in text else [blank if c == " " else pen for c in text]
            else:
                pieces = True
                width = cell_len(text)
                cells += [(text, place) for place in range(width)]
                pens += [pen] * width
        if y < self.height and x < self.width:
            self._compare(y, x, cells[: self.width - x], pens[: self.width - x], pieces)

    def _all_narrow(self, text: str) -> bool:
        unknown = set(text) - self._narrow
        if not unknown:
            return True
        if len(self._narrow) > _MOST_PENS:
            self._narrow.clear()
        self._narrow |= {c for c in unknown if c.isprintable() and get_character_cell_size(c) == 1}
        return unknown <= self._narrow

    def _compare(self, y: int, x: int, cells: list[Cell], pens: Sequence[Pen], pieces: bool) -> None:
        end = x + len(cells)
        old_cells, old_pens = self._cells[y], self._pens[y]
        if old_cells[x:end] == cells and old_pens[x:end] == pens:
            return
        changed = [
            new != old or pen is not old_pen
            for new, old, pen, old_pen in zip(cells, old_cells[x:end], pens, old_pens[x:end], strict=True)
        ]
        old_cells[x:end] = cells
        old_pens[x:end] = pens
        if pieces:
            self._overrun(y, x, cells, changed)
        place = 0
        while place < len(cells):
            place = self._run(y, x, place, cells, pens, changed) if changed[place] else place + 1

    def _overrun(self, y: int, x: int, cells: Sequence[Cell], changed: list[bool]) -> None:
        """What stands right of a piece that some terminals draw wider must be written again, after it."""
        for place, cell in enumerate(cells):
            if changed[place] and isinstance(cell, tuple) and _disputed(cell[0]):
                changed[place:] = [True] * (len(cells) - place)
                end = x + len(cells)
                self._cells[y][end:] = [None] * (self.width - end)
                self.overran.add(y)
                return

    def _run(
        self, y: int, x: int, start: int, cells: Sequence[Cell], pens: Sequence[Pen], changed: Sequence[bool]
    ) -> int:
        """Note the text from `start` on that one pen can write; the place after it."""
        first = cells[start]
        if isinstance(first, tuple):
            return self._piece(y, x, start - first[1], first[0], cells, pens)
        pen, after, end = pens[start], start + 1, len(cells)
        blank, bridged = pen.blank, 0
        for at in range(after, end):
            cell, other = cells[at], pens[at]
            if type(cell) is not str:
                break
            if other is not pen and other is not blank:
                if other.blank is not pen:
                    break
                pen = other  # only blanks so far: they look the same with this pen
            if changed[at]:
                after, bridged = at + 1, 0
            else:
                bridged += 1 if cell.isascii() else 3
                if bridged > _BRIDGED_BYTES:
                    break
        text = "".join(cast("list[str]", cells[start:after]))
        self._runs.setdefault(pen, []).append((y, x + start, text, x + after))
        self.noted += len(text) + _MOVED_BYTES
        return after

    def _piece(
        self, y: int, x: int, start: int, text: str, cells: Sequence[Cell], pens: Sequence[Pen]
    ) -> int:
        after = start
        while after < len(cells) and cells[after] == (text, after - start):
            after += 1
        runs = self._disputed if _disputed(text) else self._runs
        runs.setdefault(pens[start], []).append((y, x + start, text, -1))
        self.noted += len(text) + _MOVED_BYTES
        return after

    # -- telling -----------------------------------------------------------------------------------

    def written(self) -> str:
        """What to write so that the terminal shows what was put; ends with the default pen."""
        out: list[str] = []
        pen = _DEFAULT
        row = column = -1
        # First what may overrun, so that what it overruns is written after it.
        for runs in (self._disputed, self._runs):
            for wanted in sorted(runs, key=lambda each: each.order):
                out.append(_change(pen, wanted))
                pen = wanted
                for y, x, text, after in runs[wanted]:
                    out.append(_movement(row, column, y, x) + text)
                    # In the last column a cursor is beside the text or on it, as the terminal likes.
                    row, column = y, after if after < self.width else -1
            runs.clear()
        self.noted = 0
        out.append(_change(pen, _DEFAULT))
        return "".join(out)

    # -- pens --------------------------------------------------------------------------------------

    def _pen(self, style: Style | None) -> Pen:
        pen = self._styles.get(style)
        if pen is None:
            if len(self._styles) > _MOST_PENS:
                self._styles.clear()
            pen = self._styles[style] = self._made(style)
        return pen

    def _made(self, style: Style | None) -> Pen:
        if style is None:
            return self._interned("", "39", "49", "", True)
        bits = style._attributes & style._set_attributes
        codes = ";".join(code for bit, code in enumerate(_ATTRIBUTES) if bits >> bit & 1)
        front, back = style.color, style.bgcolor
        return self._interned(
            codes,
            ";".join(front.downgrade(self._colours).get_ansi_codes(True)) if front else "39",
            ";".join(back.downgrade(self._colours).get_ansi_codes(False)) if back else "49",
            f"id={style._link_id};{style.link}" if style.link else "",
            not bits & _SEEN_ON_BLANKS and not style.link,
        )

    def _interned(self, codes: str, front: str, back: str, link: str, plain: bool) -> Pen:
        look = (codes, front, back, link)
        pen = self._looks.get(look)
        if pen is None:
            pen = self._looks[look] = Pen(*look)
            if plain and (codes or front != "39"):
                pen.blank = self._interned("", "39", back, "", True)
        return pen


def _disputed(text: str) -> bool:
    """Whether terminals disagree on its width: joined emoji, variation selectors, flags."""
    return "\u200d" in text or "\ufe0f" in text or sum(map(get_character_cell_size, text)) != cell_len(text)


def _movement(row: int, column: int, y: int, x: int) -> str:
    if row != y or column < 0 or x < column:
        return f"\x1b[{y + 1};{x + 1}H"
    if x == column:
        return ""
    return "\x1b[C" if x == column + 1 else f"\x1b[{x - column}C"


def _change(old: Pen, new: Pen) -> str:
    """SGR (and OSC 8) from one pen to another."""
    link = "" if old.link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    codes: list[str] = []
    if old.attributes != new.attributes:
        codes = ["0", *([new.attributes] if new.attributes else [])]
        codes += [new.foreground] if new.foreground != "39" else []
        codes += [new.background] if new.background != "49" else []
    else:
        codes += [new.foreground] if old.foreground != new.foreground else []
        codes += [new.background] if old.background != new.background else []
    return link + (f"\x1b[{';'.join(codes)}m" if codes else "")
