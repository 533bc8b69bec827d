"""Short memories of what was measured: a few marks for every machine, minutes for the one on screen."""

from collections.abc import Iterable

from clonebox_tui.model.sample import Reading, Series

GAP = 255
"""Level of a moment nothing is known about."""

_KEPT = 16
_TRACE_POINTS = 2_400
_MISSED_SLOTS = 2


def level(cpu_percent: float | None) -> int:
    """A percentage as one of eight levels, or GAP."""
    return GAP if cpu_percent is None else min(7, max(0, int(cpu_percent * 8 / 100)))


class Sparks:
    """The last levels of every machine; a machine that is not heard of stays where it was.

    The worker only sends readings that changed, so levels are filled up when they are looked at:
    a tick over thousands of machines costs only what changed.
    """

    def __init__(self) -> None:
        self._ticks = 0
        self._levels: dict[str, tuple[int, bytes]] = {}

    def tick(self, readings: Iterable[Reading]) -> None:
        """A moment passed in which these readings changed."""
        self._ticks += 1
        for reading in readings:
            before = self._filled(reading.id, self._ticks - 1)
            self._levels[reading.id] = (self._ticks, (before + bytes((level(reading.cpu_percent),)))[-_KEPT:])

    def of(self, machine: str) -> bytes:
        """Levels of a machine, oldest first, at most 16."""
        return self._filled(machine, self._ticks)

    def forget(self, machine: str) -> None:
        """The machine is gone."""
        self._levels.pop(machine, None)

    def _filled(self, machine: str, until: int) -> bytes:
        at, levels = self._levels.get(machine, (until, b""))
        missing = min(_KEPT, until - at)
        return (levels + levels[-1:] * missing)[-_KEPT:] if missing > 0 else levels


class Trace:
    """Readings of one machine over time: its history as the worker kept it, then what comes live."""

    def __init__(self, machine: str) -> None:
        self.machine = machine
        self.step_seconds = 2.0
        self.points: list[tuple[float, Reading | None]] = []

    def start(self, series: Series) -> None:
        """Put the kept history before what has come live already."""
        live = [point for point in self.points if point[0] > series.end]
        first = series.end - (len(series.readings) - 1) * series.step_seconds
        kept = [(first + i * series.step_seconds, each) for i, each in enumerate(series.readings)]
        self.step_seconds = max(0.5, series.step_seconds)
        self.points = [*kept, *live]

    def add(self, at: float, reading: Reading | None) -> None:
        """One tick."""
        if self.points and at <= self.points[-1][0]:
            return
        self.points.append((at, reading))
        if len(self.points) > _TRACE_POINTS:
            del self.points[: _TRACE_POINTS // 4]

    @property
    def last(self) -> Reading | None:
        """The newest reading."""
        return self.points[-1][1] if self.points else None

    def columns(self, count: int) -> list[Reading | None]:
        """The newest `count` steps of equal length, oldest first; None is a gap.

        Steps are aligned to the clock, so that a graph moves by whole columns and never shimmers.
        """
        slots: list[Reading | None] = [None] * count
        if not self.points or count < 1:
            return slots
        newest = int(self.points[-1][0] // self.step_seconds)
        later = count
        for at, reading in reversed(self.points):
            index = count - 1 - (newest - int(at // self.step_seconds))
            if index < 0:
                break
            # Ticks come a little late now and then: a slot or two that they missed is no gap.
            for slot in range(index, later if later - index <= _MISSED_SLOTS + 1 else index + 1):
                if slots[slot] is None:
                    slots[slot] = reading
            later = index
        return slots
