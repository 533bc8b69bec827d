"""Four curves of a machine or a host on one time axis, and a cursor that reads a moment."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from clonebox_tui.model.sample import Reading
from clonebox_tui.tui.presentation.amounts import duration
from clonebox_tui.tui.presentation.bands import AXIS_CELLS, BANDS, band_lines, values_text
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Run, Runs, justify
from clonebox_tui.tui.presentation.timeline import SPANS, Span, Steps, Timeline, axis, clock_text
from clonebox_tui.tui.widgets.lines import Lines

_MARGIN_CELLS = 1
"""Between the present and the edge of the screen."""


class TimelineView(Lines, can_focus=True):
    """`at` is the cursor's moment (UNIX seconds), or None: it goes with the present."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "move(-1)", "earlier", show=False),
        Binding("l,right", "move(1)", "later", show=False),
        Binding("H,shift+left", "move(-10)", "much earlier", show=False),
        Binding("L,shift+right", "move(10)", "much later", show=False),
        Binding("g,home", "move(-100000)", "first moment", show=False),
        Binding("G,end", "move(100000)", "now", show=False),
    ]

    def __init__(self, clock: Callable[[], float], glyphs: Glyphs, timeline: Timeline) -> None:
        super().__init__(id="timeline")
        self._clock = clock
        self._glyphs = glyphs
        self.timeline = timeline
        self.at: float | None = None
        self.missing = ""
        """Said of a band that has nothing while another has; empty: that nothing was recorded."""
        self.note = ""
        """What keeps the past from being shown."""

    # -- the cursor ----------------------------------------------------------------------------------

    def action_move(self, cells: int) -> None:
        """So many cells later; at the right end it goes with the present."""
        steps = self._steps()
        self._put(self._cell(steps) + cells, steps)

    def on_click(self, event: events.Click) -> None:
        """To where the mouse points."""
        self._put(event.x - AXIS_CELLS, self._steps())

    def _put(self, cell: int, steps: Steps) -> None:
        cell = max(0, min(self._cells - 1, cell))
        self.at = None if cell == self._cells - 1 else self._moment(cell, steps)
        self.update_lines()

    @property
    def _cells(self) -> int:
        return max(1, self.content_size.width - AXIS_CELLS - _MARGIN_CELLS)

    def _steps(self) -> Steps:
        return self.timeline.steps(self._clock(), self._cells * 2)

    def _seconds(self, steps: Steps) -> float:
        return steps.seconds * len(steps.readings)

    def _cell(self, steps: Steps) -> int:
        if self.at is None:
            return self._cells - 1
        return max(0, min(self._cells - 1, int((self.at - steps.first) / self._seconds(steps) * self._cells)))

    def _moment(self, cell: int, steps: Steps) -> float:
        return steps.first + (cell + 0.5) / self._cells * self._seconds(steps)

    def _reading(self, cell: int, steps: Steps) -> Reading | None:
        """The newer column of a cell, or the older one where that is all there is."""
        columns = self._columns(steps)
        return columns[cell * 2 + 1] or columns[cell * 2]

    def _columns(self, steps: Steps) -> list[Reading | None]:
        count, columns = len(steps.readings), self._cells * 2
        return [steps.readings[index * count // columns] for index in range(columns)]

    def moment_text(self) -> str:
        """The cursor's moment and its four values, to copy."""
        steps = self._steps()
        cell = self._cell(steps)
        reading = self._reading(cell, steps)
        values = (f"{band.name} {' '.join(values_text(band, reading))}" for band in BANDS)
        return " · ".join((self._time(cell, steps)[0], *values))

    def _time(self, cell: int, steps: Steps) -> tuple[str, str]:
        """The moment by the clock, and how far away it is."""
        now = max(self._clock(), self.timeline.newest)
        if self.at is None:
            return clock_text(now, now), "now"
        at = self._moment(cell, steps)
        return clock_text(at, now), f"{duration(now - at)} ago"

    # -- drawing -------------------------------------------------------------------------------------

    def lines(self, width: int, height: int) -> Sequence[Runs]:
        """The moment, four bands, the axis."""
        steps = self._steps()
        cell, columns = self._cell(steps), self._columns(steps)
        reading = self._reading(cell, steps)
        lines = [self._head(cell, steps, width)]
        room = height - 3
        spaces = 1 if room > len(BANDS) * 7 else 0
        if room % len(BANDS) or spaces:
            lines.append(())
            room -= 1
        missing = self.missing if any(columns) else ""
        each, more = divmod(room - spaces * (len(BANDS) - 1), len(BANDS))
        for index, band in enumerate(BANDS):
            tall = max(2, each + (index < more))
            lines += band_lines(band, columns, reading, cell, width, tall, self._glyphs, missing)
            lines += [()] * (spaces if index < len(BANDS) - 1 else 0)
        return [*lines, *self._axis(cell, steps)]

    def _head(self, cell: int, steps: Steps, width: int) -> Runs:
        at, ago = self._time(cell, steps)
        runs: list[Run] = [(f" {at}", "strong"), (f"  {ago}", "ok" if ago == "now" else "dim")]
        if self.note or not self.timeline.loaded:
            runs.append((f"  {self.note or 'reading the past…'}", "warn" if self.note else "dim"))
        elif steps.seconds >= 2:
            runs.append((f"  averages of {duration(steps.seconds)}", "dim"))
        return justify(tuple(runs), self._ranges(), width)

    def _ranges(self) -> Runs:
        runs: list[Run] = []
        for span in SPANS:
            chosen = span is self.timeline.span
            runs.append((f"[{span.name}]" if chosen else f" {span.name} ", "key" if chosen else "dim"))
        return tuple(runs)

    def _axis(self, cell: int, steps: Steps) -> list[Runs]:
        text, marks = axis(steps.first, self._seconds(steps), self._cells)
        plain = self._glyphs.ascii
        line, tick, corner = ("-", "+", "+") if plain else ("─", "┬", "└")
        rail = "".join(tick if index in marks else line for index in range(self._cells))
        margin = " " * (AXIS_CELLS - 1)
        here = "^" if plain else "▲"
        ruled: Runs = (
            (margin + corner + rail[:cell], "line"),
            (here, "strong"),
            (rail[cell + 1 :], "line"),
        )
        return [ruled, ((margin + " " + text, "dim"),)]


def next_span(span: Span, step: int) -> Span:
    """The next longer (1) or shorter (-1) span; the same at the ends."""
    return SPANS[max(0, min(len(SPANS) - 1, SPANS.index(span) + step))]
