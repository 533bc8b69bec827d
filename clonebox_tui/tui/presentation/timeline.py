"""One machine's readings over a span of time, averaged into the steps a screen has room for."""

import time
from collections.abc import Iterable, Sequence

import msgspec

from clonebox_tui.model.sample import Reading, Series

HELD_SECONDS = 3.0
"""Ticks come a little late now and then: for so long the last one still counts, then it is a gap."""


class Span(msgspec.Struct, frozen=True):
    """A length of time to look at, and how finely the worker is asked for it."""

    name: str
    seconds: int
    points: int


SPANS = (
    Span("1 min", 60, 60),
    Span("10 min", 600, 600),
    Span("1 h", 3_600, 1_800),
    Span("6 h", 21_600, 1_440),
    Span("24 h", 86_400, 1_440),
)
"""The worker keeps seconds for ten minutes and minutes for a day."""

Point = tuple[float, Reading | None]
"""A moment (UNIX seconds) and what was read then; None: it did not run."""


class Steps(msgspec.Struct, frozen=True):
    """Averages of equal steps, oldest first; `first` is when the oldest begins (UNIX seconds)."""

    first: float
    seconds: float
    readings: Sequence[Reading | None]


def mean(readings: Sequence[Reading]) -> Reading | None:
    """Field by field, of what is known; None of nothing."""
    if len(readings) < 2:
        return readings[0] if readings else None
    values: list[float | None] = []
    for field in Reading.__struct_fields__[1:]:
        known = [value for value in (getattr(each, field) for each in readings) if value is not None]
        values.append(sum(known) / len(known) if known else None)
    cpu, used, total, *rates = values
    whole = (None if used is None else int(used), None if total is None else int(total))
    return Reading(readings[0].id, cpu, *whole, *rates)


class Timeline:
    """What the worker remembered of a span (`take`), and what came since (`add`)."""

    def __init__(self, span: Span) -> None:
        self.span = span
        self.loaded = False
        self._points: list[Point] = []
        self._step = 0.0
        self._groups: dict[int, list[Reading]] = {}
        self._means: dict[int, Reading | None] = {}

    @property
    def newest(self) -> float:
        """When the last reading was taken; 0 without any."""
        return self._points[-1][0] if self._points else 0.0

    def take(self, series: Series) -> None:
        """The past as kept; what came live after its end stays."""
        count = len(series.readings)
        # A kept reading is an average: it stands for the middle of its step.
        kept: list[Point] = [
            (series.end - (count - index - 0.5) * series.step_seconds, reading)
            for index, reading in enumerate(series.readings)
            if reading is not None
        ]
        self._points = [*kept, *(point for point in self._points if point[0] > series.end)]
        self.loaded = True
        self._step = 0.0

    def add(self, points: Iterable[Point]) -> None:
        """Live readings, in the order of time; those known already are passed over."""
        for at, reading in points:
            if at > self.newest:
                self._points.append((at, reading))
                if self._step:
                    self._group(at, reading)

    def steps(self, now: float, columns: int) -> Steps:
        """The span up to `now` in at most `columns` steps of a second or more.

        Steps are aligned to the clock, so that curves move by whole columns and never shimmer.
        """
        columns = max(1, columns)
        seconds = max(1.0, self.span.seconds / columns)
        if seconds != self._step:
            self._regroup(seconds)
        newest = int(max(now, self.newest) // seconds)
        oldest = newest - max(1, min(columns, round(self.span.seconds / seconds))) + 1
        return Steps(oldest * seconds, seconds, self._readings(oldest, newest))

    def _readings(self, oldest: int, newest: int) -> list[Reading | None]:
        held = int(HELD_SECONDS / self._step)
        readings: list[Reading | None] = []
        known = oldest - held - 2
        for index in range(oldest, newest + 1):
            if index in self._groups:
                known = index
            # The step that has just begun has nothing yet: it is no gap.
            if index - known <= max(held, 1 if index == newest else 0):
                readings.append(self._mean(known))
            else:
                readings.append(None)
        return readings

    def _mean(self, index: int) -> Reading | None:
        if index not in self._means:
            self._means[index] = mean(self._groups.get(index, ()))
        return self._means[index]

    def _regroup(self, seconds: float) -> None:
        self._step, self._groups, self._means = seconds, {}, {}
        for at, reading in self._points:
            self._group(at, reading)

    def _group(self, at: float, reading: Reading | None) -> None:
        index = int(at // self._step)
        group = self._groups.setdefault(index, [])
        if reading is not None:
            group.append(reading)
        self._means.pop(index, None)


_TICKS = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600)
"""Seconds between two labels: what people count in."""

_LABEL_ROOM = 12
"""Cells a label takes with the space around it."""


def clock_text(at: float, now: float) -> str:
    """A moment by the local clock, with its day when that is another one than today."""
    moment, today = time.localtime(at), time.localtime(now)
    same = moment.tm_yday == today.tm_yday and moment.tm_year == today.tm_year
    return time.strftime("%H:%M:%S" if same else "%a %H:%M:%S", moment)


def axis(first: float, seconds: float, cells: int, now_text: str = "now") -> tuple[str, dict[int, str]]:
    """Labels below an axis that begins at `first` and covers `seconds` in `cells`, by the local clock.

    Returns the line of labels (exactly `cells` long) and the cells that are marked.
    """
    per_cell = seconds / max(1, cells)
    tick = next((each for each in _TICKS if each / per_cell >= _LABEL_ROOM), _TICKS[-1])
    form = "%H:%M:%S" if tick < 60 else "%H:%M"
    line, marks = [" "] * cells, dict[int, str]()
    line[cells - len(now_text) :] = now_text
    taken = cells - len(now_text) - 1
    # Whole hours of the local clock, also where it is half an hour off.
    offset = time.localtime(first).tm_gmtoff
    at = (int(first + offset) // tick + 1) * tick - offset
    while at < first + seconds:
        cell, label = int((at - first) / per_cell), time.strftime(form, time.localtime(at))
        begin = cell - len(label) // 2
        if begin >= 0 and begin + len(label) < taken:
            line[begin : begin + len(label)] = label
            marks[cell] = label
        at += tick
    return "".join(line)[:cells], marks
