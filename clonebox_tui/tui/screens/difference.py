"""What differs between two moments of a machine: all changes, and the text of the one under the cursor."""

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from clonebox_tui.model.difference import Difference, DiffWanted, FileChange, Kind
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import DIFFERENCE
from clonebox_tui.tui.presentation.difference_rows import Row, row_runs, rows_of, text_of
from clonebox_tui.tui.presentation.problem_text import problem_lines
from clonebox_tui.tui.presentation.runs import Runs
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.bars import KeyBar, KeyHint
from clonebox_tui.tui.widgets.row_view import RowView
from clonebox_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from textual.worker import WorkType

_BESIDE_CELLS = 100
_SUMMARY = "\0summary"


class ChangeList(RowView):
    """Everything that differs."""

    def __init__(self) -> None:
        super().__init__(id="job-list", classes="pane")
        self.border_title = "Changes"
        self.changes: dict[str, Row] = {}
        self.waiting = "Reading the disks …"

    def put(self, changes: dict[str, Row]) -> None:
        """These rows."""
        self.changes = changes
        self.waiting = ""
        self.show(list(changes))

    def runs_of(self, row: str, width: int) -> Runs:
        """One row."""
        return row_runs(self.changes[row], width)

    def empty_runs(self, y: int, width: int) -> Runs:
        """Nothing yet."""
        del width
        return ((f" {self.waiting}", "dim"),) if y == 0 and self.waiting else ()


class DifferenceScreen(FullScreen):
    """Asks for the comparison and shows it; leaving asks for nothing more."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", show=False),
        Binding("f", "bring_back", "bring back", show=False),
        Binding("tab", "other", "list or text", show=False, priority=True),
    ]

    def __init__(self, session: Session, machine: Machine, before: str, after: str) -> None:
        super().__init__()
        self._session = session
        self._machine = machine
        self._wanted = DiffWanted(machine.id, before, after)
        self._list = ChangeList()
        self._text = TextView((), id="job-text", classes="pane")
        self._found: Difference | None = None
        self._keys = KeyBar(self._hints)

    def _hints(self) -> list[KeyHint]:
        back = [("f", "bring back")] if self._recoverable else []
        return [("j k", "move"), *back, ("tab", "list or text"), ("y", "copy"), ("esc", "back")]

    @property
    def _recoverable(self) -> str:
        """The path under the cursor, if it was there before and may be brought back."""
        row = self._list.changes.get(self._list.cursor)
        changed = isinstance(row, FileChange) and row.kind is not Kind.ADDED and self._wanted.before
        return row.path if changed and isinstance(row, FileChange) and not self._session.readonly else ""

    def compose(self) -> ComposeResult:
        """List and text."""
        moments = f"{self._wanted.before or 'now'} → {self._wanted.after or 'now'}"
        yield TitleBar(self._machine.name, "changes", moments)
        with Horizontal(id="jobs-body"):
            yield self._list
            yield self._text
        yield self._keys

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other, or with little room one above the other."""
        self.set_class(event.size.width < _BESIDE_CELLS, "-narrow")

    def on_mount(self) -> None:
        """Ask."""
        self._text.border_title = "Change"
        self._list.focus()
        work: WorkType[None] = self._ask
        self.run_worker(work, group="difference", exclusive=True)

    async def _ask(self) -> None:
        try:
            found = await self._session.call(DIFFERENCE, self._wanted)
        except ProblemError as error:
            self._list.waiting = "Not to be had."
            self._list.refresh()
            self._text.put(problem_lines(error.problem))
            return
        self._found = found
        self._list.put({_SUMMARY: "Summary", **rows_of(found)})
        self._list.border_subtitle = "nothing differs" if found.empty else ""
        self._show(_SUMMARY)

    @on(RowView.Moved)
    def _moved(self, event: RowView.Moved) -> None:
        self._show(event.row)

    def _show(self, row: str) -> None:
        if self._found is not None and row in self._list.changes:
            self._text.put(text_of(self._list.changes[row], self._found))
            self._text.scroll_home(animate=False)
        self._keys.update_lines()

    def action_other(self) -> None:
        """To the text and back."""
        (self._text if self._list.has_focus else self._list).focus()

    def action_bring_back(self) -> None:
        """The file under the cursor, as it was before."""
        from clonebox_tui.tui.face import Face

        path = self._recoverable
        if path and isinstance(self.app, Face):
            self.app.cockpit.acting.bring_back(self._wanted.before, path)

    def action_copy(self) -> None:
        """The text on the right."""
        from clonebox_tui.tui.face import Face

        if isinstance(self.app, Face):
            self.app.copy_visibly(self._text.plain_text)
