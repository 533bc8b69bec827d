"""Graphs over the whole width, one below the other: numbers in, lines of text out.

Disk and network have two directions, drawn up and down from a line in the middle, on one scale.
"""

from collections.abc import Callable, Sequence

import msgspec

from clonebox_tui.model.sample import Reading
from clonebox_tui.tui.presentation.amounts import bit_rate, byte_rate, size
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.graphs import nice_top
from clonebox_tui.tui.presentation.runs import Run, Runs, justify

AXIS_CELLS = 10
"""Nine for the value with its unit, one for the line."""

Readings = Sequence[Reading | None]
Take = Callable[[Reading], float | None]
Write = Callable[[float | None], str]


class Side(msgspec.Struct, frozen=True):
    """One direction of a band: its word, and how it is taken from a reading."""

    word: str
    take: Take


class Band(msgspec.Struct, frozen=True):
    """One graph; with `down` it has two directions."""

    name: str
    ink: str
    up: Side
    write: Write
    down: Side | None = None
    unit: float = 1.0
    """Tops of axes are round numbers of this many."""
    least_top: float = 1.0
    ceiling: Take | None = None
    """A fixed top, where there is one."""

    @property
    def sides(self) -> tuple[Side, ...]:
        """One or two directions."""
        return (self.up,) if self.down is None else (self.up, self.down)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} %"


def _size(value: float | None) -> str:
    return "–" if value is None else size(int(value))


BANDS = (
    Band("cpu", "cpu", Side("", lambda r: r.cpu_percent), _percent, ceiling=lambda _: 100.0),
    Band("memory", "memory", Side("", lambda r: r.memory_used_bytes), _size, None, 1024**2, 2**26,
         lambda r: r.memory_total_bytes),
    Band("disk", "disk", Side("↑ read", lambda r: r.disk_read_rate), byte_rate,
         Side("↓ write", lambda r: r.disk_write_rate), 1.0, 1e5),
    Band("network", "net", Side("↑ out", lambda r: r.net_tx_rate), bit_rate,
         Side("↓ in", lambda r: r.net_rx_rate), 1 / 8, 1e5 / 8),
)  # fmt: skip


def _known(readings: Readings, side: Side) -> list[float]:
    values = (side.take(reading) for reading in readings if reading is not None)
    return [value for value in values if value is not None]


def top_of(band: Band, readings: Readings) -> float:
    """The value at the top of the axis."""
    if band.ceiling is not None:
        tops = [top for top in (band.ceiling(each) for each in readings if each is not None) if top]
        if tops:
            return max(tops)
    highest = max((value for side in band.sides for value in _known(readings, side)), default=0.0)
    return nice_top(max(highest, band.least_top) / band.unit) * band.unit


_DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Braille dots from the bottom up, left and right column (Unicode block U+2800)."""

_MASKS = [
    [[sum(dots[low:high]) if low < high else 0 for high in range(5)] for low in range(5)] for dots in _DOTS
]

Extent = tuple[int, int]
"""From and to, in fractions of a row from the bottom; equal: nothing is drawn."""


def extents(band: Band, readings: Readings, top: float, height: int) -> list[Extent]:
    """How much of each column is filled; a gap is empty, a zero is not."""
    middle = height // 2 if band.down else 0
    room = height - middle

    def length(reading: Reading, side: Side, most: int) -> int | None:
        value = side.take(reading)
        return None if value is None else max(0, min(most, round(value / top * most)))

    columns: list[Extent] = []
    for reading in readings:
        up = length(reading, band.up, room) if reading else None
        down = length(reading, band.down, middle) if reading and band.down else None
        known = up is not None or down is not None
        columns.append((middle - (down or 0), middle + max(1, up or 0)) if known else (0, 0))
    return columns


def _braille_row(columns: Sequence[Extent], base: int) -> str:
    cells: list[str] = []
    for left in range(0, len(columns), 2):
        dots = 0
        for side, (low, high) in enumerate(columns[left : left + 2]):
            dots |= _MASKS[side][max(0, min(4, low - base))][max(0, min(4, high - base))]
        cells.append(chr(0x2800 + dots) if dots else " ")
    return "".join(cells)


def _ascii_row(columns: Sequence[Extent], base: int) -> str:
    cells: list[str] = []
    for left in range(0, len(columns), 2):
        pair = columns[left : left + 2]
        filled = max(min(high, base + 2) - max(low, base) for low, high in pair)
        cells.append("#" if filled >= 2 else ":" if filled == 1 else " ")
    return "".join(cells)


def plot(band: Band, readings: Readings, top: float, rows: int, ascii_only: bool) -> list[str]:
    """`rows` lines, top first, two readings a cell."""
    per_row, draw = (2, _ascii_row) if ascii_only else (4, _braille_row)
    columns = extents(band, readings, top, rows * per_row)
    return [draw(columns, row * per_row) for row in range(rows - 1, -1, -1)]


def values_text(band: Band, reading: Reading | None) -> list[str]:
    """The value of each direction with its word and unit."""
    written = [(side.word, band.write(side.take(reading) if reading else None)) for side in band.sides]
    if band.name == "memory" and reading and reading.memory_used_bytes and reading.memory_total_bytes:
        written = [("", f"{written[0][1]} of {size(reading.memory_total_bytes)}")]
    return [f"{word} {value}".strip() for word, value in written]


def _title(band: Band, readings: Readings, at: Reading | None, width: int, missing: str) -> Runs:
    runs: list[Run] = [(f" {band.name:<8} ", band.ink)]
    for value in values_text(band, at):
        runs.append((f"{value}   ", "strong"))
    known = [_known(readings, side) for side in band.sides]
    if not any(known):
        return justify(tuple(runs), ((f"{missing or 'nothing recorded'} ", "dim"),), width)
    average = band.write(sum(known[0]) / len(known[0])) if band.down is None and known[0] else ""
    peak = band.write(max(max(values, default=0.0) for values in known))
    summary = f"average {average} · peak {peak} " if average else f"peak {peak} "
    return justify(tuple(runs), ((summary, "dim"),), width)


def _marked(text: str, ink: str, cursor: int, column: str) -> Runs:
    """A plotted line with the cursor's cell apart: its mark shows without any colour too."""
    if not 0 <= cursor < len(text):
        return ((text, ink),)
    here = text[cursor] if text[cursor] != " " else column
    return ((text[:cursor], ink), (here, "mark"), (text[cursor + 1 :], ink))


def band_lines(
    band: Band,
    readings: Readings,
    at: Reading | None,
    cursor: int,
    width: int,
    height: int,
    glyphs: Glyphs,
    missing: str = "",
) -> list[Runs]:
    """A title with the values `at` the cursor's cell, then the curve: exactly `height` lines.

    `readings` has two columns for each of the `width - AXIS_CELLS` cells. `missing` is said when nothing is.
    """
    rows = height - 1
    top = top_of(band, readings)
    labels = {0: band.write(top), rows - 1: "0"}
    if band.down:
        labels = {0: band.write(top), rows - 1: band.write(top), rows // 2: "0"}
    lines = [_title(band, readings, at, width, missing)]
    for index, text in enumerate(plot(band, readings, top, rows, glyphs.ascii)):
        label = labels.get(index, "")
        mark = ("|" if glyphs.ascii else "┤") if label else glyphs.column
        left: Runs = ((f"{label:>{AXIS_CELLS - 1}}", "dim"), (mark, "line"))
        lines.append((*left, *_marked(text, band.ink, cursor, glyphs.column)))
    return lines
