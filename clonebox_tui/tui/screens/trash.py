"""What was deleted: until when it can be brought back, and keys to do that or to end it for good."""

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from clonebox_tui.model.acts import PurgeMachine, UntrashMachine
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import TRASH, Nothing, Trash
from clonebox_tui.model.trash import TrashedMachine
from clonebox_tui.tui.acting import Acting
from clonebox_tui.tui.presentation.amounts import duration, plural, size
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Runs, clean, fit
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.row_view import RowView
from clonebox_tui.tui.widgets.text_view import TextView

_LEFT_CELLS = 12


class TrashList(RowView):
    """Deleted machines by their ids, the newest first."""

    def __init__(self, session: Session, glyphs: Glyphs) -> None:
        super().__init__(id="trash-list", classes="pane")
        self._session = session
        self._glyphs = glyphs
        self.kept: dict[str, TrashedMachine] = {}
        self.border_title = "Trash"

    def take(self, kept: Trash) -> None:
        """There are these now."""
        self.kept = {each.machine: each for each in kept.machines}
        rows = list(self.kept)
        if rows != self.rows:
            self.show(rows)
        self.redraw(rows)

    def runs_of(self, row: str, width: int) -> Runs:
        """One machine: its name, and how long it can still be brought back."""
        kept = self.kept[row]
        left = f"{duration(max(0.0, kept.until_at - self._session.clock()))} left"
        return (
            (f" {self._glyphs.states[State.OFF]} ", "dim"),
            (fit(clean(kept.name), max(4, width - _LEFT_CELLS - 4)), "text"),
            (f"{fit(left, _LEFT_CELLS)} ", "dim"),
        )

    def empty_runs(self, y: int, width: int) -> Runs:
        """Nothing was deleted."""
        del width
        return ((" The trash is empty.", "dim"),) if y == 0 else ()


class TrashScreen(FullScreen):
    """List on the left, the machine under the cursor on the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,R", "bring_back", "bring back", show=False),
        Binding("D", "purge", "purge", show=False),
        Binding("Z", "leave", "back", show=False),
    ]

    def __init__(self, session: Session, glyphs: Glyphs, acting: Acting) -> None:
        super().__init__()
        self._session = session
        self._acting = acting
        self._list = TrashList(session, glyphs)
        self._text = TextView((), id="trash-text", classes="pane")

    def compose(self) -> ComposeResult:
        """List and text."""
        yield TitleBar("trash")
        with Horizontal(id="trash-body"):
            yield self._list
            yield self._text
        yield KeyBar(
            lambda: [("j k", "move"), ("enter", "bring back"), ("D", "purge for good"), ("esc", "back")]
        )

    def on_mount(self) -> None:
        """Ask what there is."""
        self._list.focus()
        self._ask()

    def heard(self, changes: Changes) -> None:
        """News came while this screen is open."""
        if (changes.listing or changes.ended) and self.is_mounted:
            self._ask()

    def action_bring_back(self) -> None:
        """Bring the machine under the cursor back."""
        if self._list.cursor:
            self._do(UntrashMachine(self._list.cursor))

    def action_purge(self) -> None:
        """Remove the machine under the cursor for good."""
        if self._list.cursor:
            self._do(PurgeMachine(self._list.cursor))

    def _do(self, act: UntrashMachine | PurgeMachine) -> None:
        if self._session.readonly:
            self.notify("Nothing is changed: started with --readonly.")
        else:
            self._acting.do(act)

    def _ask(self) -> None:
        self.run_worker(self._take(), group="trash", exclusive=True)

    async def _take(self) -> None:
        try:
            kept = await self._session.call(TRASH, Nothing())
        except ProblemError:
            return  # the worker is away: the cockpit says so
        if self.is_mounted:
            self._list.take(kept)
            self._draw()

    @on(RowView.Moved, "#trash-list")
    def _draw(self) -> None:
        kept = self._list.kept.get(self._list.cursor)
        self._text.border_title = clean(kept.name).replace("[", r"\[") if kept else ""
        self._text.put(_lines(kept) if kept else ())


def _lines(kept: TrashedMachine) -> list[Runs]:
    facts = [
        ("host", kept.connection.partition("?")[0]),
        ("deleted", _when(kept.deleted_at)),
        ("until", f"{_when(kept.until_at)}, then it is gone for good"),
        ("snapshots", plural(kept.snapshots, "snapshot") if kept.snapshots else "none"),
        ("size", size(kept.size_bytes) if kept.folder else ""),
        ("was in", kept.folder),
        ("disks", ", ".join(kept.disks)),
    ]
    return [((f"{fit(name, 10)} ", "dim"), (clean(value), "text")) for name, value in facts if value]


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
