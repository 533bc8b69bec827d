"""The list of machines: filterable, markable, each row with its load or the job that works on it."""

from collections.abc import Callable, Iterable

from clonebox_tui.model.filtering import compile_filter
from clonebox_tui.model.machine import Machine
from clonebox_tui.tui.presentation.amounts import duration
from clonebox_tui.tui.presentation.glyphs import Glyphs
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
        self._names: dict[str, str] = {}
        self.filter_text = ""
        self._counted = self._age = ""
        self.empty_lines: tuple[Runs, ...] = ()

    def list_machines(self, machines: Iterable[Machine]) -> None:
        """These machines there are; they are shown by name, as far as the filter lets them through."""
        # Keys that are strings, not tuples: thousands of those would set the garbage collector off.
        ordered = sorted(machines, key=lambda each: f"{each.name.lower()}\0{each.name}\0{each.id}")
        self._names = {each.id: each.name for each in ordered}
        self._filter()

    def set_filter(self, text: str) -> str:
        """Show only names that match; tells what is wrong with the filter, if anything."""
        self.filter_text = text
        return self._filter()

    def _filter(self) -> str:
        accepts, fault = compile_filter(self.filter_text)
        shown = list(self._names)
        if self.filter_text:
            shown = [machine for machine, name in self._names.items() if accepts(name)]
        self.border_title = (
            "Machines" if not self.filter_text else f"Machines  /{self.filter_text}".replace("[", r"\[")
        )
        self._counted = f"{len(shown)} of {len(self._names)}" if self.filter_text else ""
        self._subtitle()
        if shown != self.rows:
            self.show(shown)
        return fault

    def tell_age(self, seconds: float | None) -> None:
        """What is shown is this old; None: it is live."""
        age = "" if seconds is None else f"stale {duration(seconds)}"
        if age != self._age:
            self._age = age
            self._subtitle()

    def _subtitle(self) -> None:
        self.border_subtitle = "  ".join(part for part in (self._counted, self._age) if part)

    def runs_of(self, row: str, width: int) -> Runs:
        """A machine's row."""
        return row_runs(self._row_data(row), width, self._glyphs)

    def empty_runs(self, y: int, width: int) -> Runs:
        """Why the list is empty."""
        del width
        lines = self.empty_lines
        if self.filter_text and self._names:
            lines = (((" no name matches the filter", "dim"),), ((" esc", "key"), (" clears it", "dim")))
        return lines[y - 1] if 0 < y <= len(lines) else ()
