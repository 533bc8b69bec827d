"""The selected machine: a line about it, four live graphs, and with room all its facts."""

from collections.abc import Sequence

from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.graphs import METRICS, graph_lines, plot_columns
from clonebox_tui.tui.presentation.machine_facts import fact_lines, summary
from clonebox_tui.tui.presentation.runs import Runs, crop, width_of
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.lines import Lines

_GRAPH_ROWS_LEAST = 7
_GRAPH_ROWS_MOST = 12
_GRAPH_CELLS_LEAST = 17
"""A graph narrower than this says nothing: then they stand two by two."""


class Details(Lines, can_focus=True):
    """Reads the session's selected machine; call `update_lines` when it may have changed."""

    def __init__(self, session: Session, glyphs: Glyphs, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self._session = session
        self._glyphs = glyphs
        self.border_title = "Machine"

    def lines(self, width: int, height: int) -> Sequence[Runs]:
        """Summary, graphs, facts."""
        machine = self._session.machine
        if machine is None:
            return [((" no machine selected", "dim"),)]
        details = self._session.details.get(machine.id)
        head = summary(machine, details, self._session.clock(), self._session.stale_seconds(machine))
        facts = fact_lines(details) if details else []
        if self._session.slow_line:
            return [head, ((" graphs are left out on a slow line", "dim"),), (), *facts]
        bands = 1 if width // 4 >= _GRAPH_CELLS_LEAST else 2
        room = height - 1
        # With room for both, the graphs take what the facts leave, within reason.
        shared = room >= (_GRAPH_ROWS_LEAST + 1) * bands + 4
        each = max(_GRAPH_ROWS_LEAST, (room - len(facts) - 1) // bands) if shared else room // bands
        each = min(_GRAPH_ROWS_MOST, each)
        if each < 3:
            return [head, *facts]
        plotted = self._graphs(width, each, bands)
        return [head, *plotted, (), *facts] if room - len(plotted) > 2 else [head, *plotted]

    def _graphs(self, width: int, height: int, bands: int) -> list[Runs]:
        across = len(METRICS) // bands
        cells = (width - 1 - 3 * (across - 1)) // across
        readings = self._session.trace.columns(plot_columns(cells))
        drawn = [graph_lines(metric, readings, cells, height, self._glyphs) for metric in METRICS]
        lines: list[Runs] = []
        for band in range(bands):
            side_by_side = drawn[band * across : (band + 1) * across]
            lines += [self._joined([graph[y] for graph in side_by_side], cells) for y in range(height)]
        return lines

    def _joined(self, parts: Sequence[Runs], cells: int) -> Runs:
        runs: list[tuple[str, str]] = [(" ", "text")]
        for index, part in enumerate(parts):
            cut = crop(part, cells)
            runs += [(f" {self._glyphs.column} ", "line")] if index else []
            runs += [*cut, (" " * (cells - width_of(cut)), "text")]
        return tuple(runs)
