"""The list of machines: filterable, grouped, markable, each row with its load or the job that works on it."""

from collections.abc import Callable, Iterable, Sequence

from rich.cells import cell_len

from clonebox_tui.model.filtering import compile_machine_filter
from clonebox_tui.model.machine import Machine, by_name
from clonebox_tui.tui.presentation.amounts import duration, number
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.grouping import Grouping, grouped, heading_runs, is_heading
from clonebox_tui.tui.presentation.machine_row import Row, row_runs
from clonebox_tui.tui.presentation.runs import Runs
from clonebox_tui.tui.widgets.row_view import RowView


class MachineList(RowView):
    """`row_data` gives what a row shows; `list_machines` says which machines there are."""

    BORDER_TITLE = "Machines"

    def __init__(self, row_data: Callable[[str], Row], glyphs: Glyphs, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self._row_data = row_data
        self._glyphs = glyphs
        self._machines: list[Machine] = []
        self._longest = self._longest_host = 0
        self.filter_text = ""
        self.grouping = Grouping.NOTHING
        self._counted = self._age = self._fault = ""
        self.explain: Callable[[int], Sequence[Runs]] = lambda _: ()
        """Why there is no machine, in lines of so many cells."""

    def list_machines(self, machines: Iterable[Machine], longest_host: int = 0) -> None:
        """These machines there are; they are shown by name, as far as the filter lets them through.

        `longest_host`: characters of the longest name of a host, where there are several.
        """
        self._longest_host = longest_host
        self._machines = sorted(machines, key=by_name)
        self._filter()

    @property
    def machine_rows(self) -> list[str]:
        """Ids of the machines shown, without the headings."""
        return [row for row in self.rows if not is_heading(row)]

    @property
    def sees_labels(self) -> bool:
        """Whether a change of labels or state may change which rows there are."""
        return ":" in self.filter_text or self.grouping is not Grouping.NOTHING

    def set_filter(self, text: str) -> str:
        """Show only what matches; tells what is wrong with the filter, if anything."""
        self.filter_text = text
        return self._filter()

    def group_by(self, grouping: Grouping) -> None:
        """Put machines together."""
        self.grouping = grouping
        self._filter()

    def _filter(self) -> str:
        accepts, self._fault = compile_machine_filter(self.filter_text)
        shown = [each for each in self._machines if accepts(each)] if self.filter_text else self._machines
        self._longest = max((_cells(each.name) for each in shown), default=0)
        self.border_title = self._title()
        self._counted = f"{number(len(shown))} of {number(len(self._machines))}" if self.filter_text else ""
        self._subtitle()
        rows = grouped(shown, self.grouping)
        if rows != self.rows:
            self.show(rows)
        return self._fault

    def _title(self) -> str:
        by = "" if self.grouping is Grouping.NOTHING else f" by {self.grouping.value}"
        text = f"  /{self.filter_text}" if self.filter_text else ""
        return f"Machines{by}{text}".replace("[", r"\[")

    def tell_age(self, seconds: float | None) -> None:
        """What is shown is this old; None: it is live."""
        age = "" if seconds is None else f"stale {duration(seconds)}"
        if age != self._age:
            self._age = age
            self._subtitle()

    def _subtitle(self) -> None:
        self.border_subtitle = "  ".join(part for part in (self._counted, self._age) if part)

    def selectable(self, row: str) -> bool:
        """The cursor goes over headings."""
        return not is_heading(row)

    def runs_of(self, row: str, width: int) -> Runs:
        """A machine's row, or a heading."""
        if is_heading(row):
            return heading_runs(row, width)
        data = self._row_data(row)
        # Below a heading that says it, the host need not be said again.
        host = len(data.host) and self._longest_host if self.grouping is not Grouping.HOST else 0
        return row_runs(data, width, self._glyphs, self._longest, host)

    def empty_runs(self, y: int, width: int) -> Runs:
        """Why the list is empty."""
        lines = self.explain(width)
        if self.filter_text and self._machines:
            lines = [((" no machine matches the filter", "dim"),), ((" esc", "key"), (" clears it", "dim"))]
            if self._fault:
                lines.insert(1, ((f" {self._fault}", "warn"),))
        return lines[y - 1] if 0 < y <= len(lines) else ()


def _cells(name: str) -> int:
    # Of thousands of names nearly all are ASCII, whose length is their width.
    return len(name) if name.isascii() else cell_len(name)
