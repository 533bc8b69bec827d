"""Braille area graphs with their titles, units and scales: numbers in, lines of text out."""

from collections.abc import Callable, Sequence

import msgspec
from rich.cells import cell_len

from clonebox_tui.model.sample import Reading
from clonebox_tui.tui.presentation.amounts import bit_rate, byte_rate, gibibytes
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Runs, fit

Values = Sequence[float | None]

_DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Braille dots from the bottom up, left and right column (Unicode block U+2800)."""

_AXIS_CELLS = 4
"""Three for the number, one for the line."""


class Metric(msgspec.Struct, frozen=True):
    """One graph: how a value is taken from a reading, and how it is written."""

    name: str
    ink: str
    value: Callable[[Reading], float | None]
    now: Callable[[Reading], str]
    unit: str
    scale: float
    """Values are divided by this for the axis."""
    ceiling: Callable[[Reading], float | None]
    """A fixed top of the axis, or None: it follows the values."""
    floor_top: float
    """The smallest top of an axis that follows."""


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None and second is None else (first or 0.0) + (second or 0.0)


def _cpu_now(reading: Reading) -> str:
    return "–" if reading.cpu_percent is None else f"{reading.cpu_percent:.0f} %"


def _memory_now(reading: Reading) -> str:
    if reading.memory_used_bytes is None:
        return "–"
    return f"{gibibytes(reading.memory_used_bytes)}/{gibibytes(reading.memory_total_bytes)} GiB"


METRICS = (
    Metric("cpu", "cpu", lambda r: r.cpu_percent, _cpu_now, "%", 1, lambda _: 100.0, 100.0),
    Metric("mem", "memory", lambda r: r.memory_used_bytes, _memory_now, "GiB", 1024**3,
           lambda r: r.memory_total_bytes, 1024**3 / 10),
    Metric("disk", "disk", lambda r: _sum(r.disk_read_rate, r.disk_write_rate),
           lambda r: byte_rate(_sum(r.disk_read_rate, r.disk_write_rate)), "MB/s", 1e6, lambda _: None, 1e6),
    Metric("net", "net", lambda r: _sum(r.net_rx_rate, r.net_tx_rate),
           lambda r: bit_rate(_sum(r.net_rx_rate, r.net_tx_rate)), "Mb/s", 1e6 / 8, lambda _: None, 1e6 / 8),
)  # fmt: skip
"""The four graphs of the cockpit. Disk and net are both directions together."""


def nice_top(highest: float) -> float:
    """The next of 1, 2, 5 × 10ⁿ at or above `highest`: axes change seldom and read easily."""
    power = 1.0
    while power * 10 <= highest:
        power *= 10
    while power > highest:
        power /= 10
    return next(step * power for step in (1, 2, 5, 10) if step * power >= highest)


def top_of(metric: Metric, values: Values, last: Reading | None) -> float:
    """The value at the top of the axis."""
    ceiling = metric.ceiling(last) if last else None
    if ceiling:
        return ceiling
    highest = max((value for value in values if value is not None), default=0.0)
    return nice_top(max(highest, metric.floor_top) / metric.scale) * metric.scale


def braille(values: Values, top: float, rows: int) -> list[str]:
    """`rows` lines (top first), two values a cell; None leaves its column empty, anything else shows."""
    height = rows * 4
    levels = [0 if value is None else max(1, min(height, round(value / top * height))) for value in values]
    lines = []
    for row in range(rows - 1, -1, -1):
        base = row * 4
        cells = []
        for left in range(0, len(levels), 2):
            dots = 0
            for side, column in enumerate(levels[left : left + 2]):
                for dot in range(min(4, column - base)):
                    dots |= _DOTS[side][dot]
            cells.append(chr(0x2800 + dots) if dots else " ")
        lines.append("".join(cells))
    return lines


def blocks(values: Values, top: float, rows: int) -> list[str]:
    """The same for terminals without braille: `#` whole, `:` half a cell; two values a cell."""
    peaks = [
        max((v for v in values[i : i + 2] if v is not None), default=None) for i in range(0, len(values), 2)
    ]
    halves = [0 if peak is None else max(1, round(peak / top * rows * 2)) for peak in peaks]
    return [
        "".join("#" if half >= 2 * row + 2 else ":" if half == 2 * row + 1 else " " for half in halves)
        for row in range(rows - 1, -1, -1)
    ]


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 9.95 or value == int(value) else f"{value:.1f}"


def graph_lines(
    metric: Metric, readings: Sequence[Reading | None], width: int, height: int, glyphs: Glyphs
) -> list[Runs]:
    """A graph of exactly `width` × `height` cells: title with the present value, axis, curve.

    `readings` has two columns for each cell of the plot (`plot_columns`).
    """
    last = next((reading for reading in reversed(readings) if reading is not None), None)
    values = [None if reading is None else metric.value(reading) for reading in readings]
    top = top_of(metric, values, last)
    now = metric.now(last) if last and readings[-1] is not None else "–"
    name = f"{metric.name} "
    if cell_len(name + now) > width:
        # Better no unit than half a word of it.
        now = now.rpartition(" ")[0]
    lines: list[Runs] = [((name, "dim"), (fit(now, width - len(name)), "strong"))]
    rows = height - 1
    drawn = (blocks if glyphs.ascii else braille)(values, top, rows)
    axis = "|" if glyphs.ascii else "┤"
    for index, text in enumerate(drawn):
        label = _number(top / metric.scale) if index == 0 else "0" if index == rows - 1 else ""
        mark = axis if label else glyphs.column
        lines.append(((f"{label[:3]:>3}", "dim"), (mark, "line"), (text, metric.ink)))
    return lines


def plot_columns(width: int) -> int:
    """Values a graph of `width` cells can show."""
    return max(0, width - _AXIS_CELLS) * 2
