"""What was deleted: until when it can be brought back, and keys to do that or to end it for good."""

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from clonebox_tui.model.acts import Act, DeleteSnapshot, PurgeMachine, UntrashMachine, UntrashSnapshots
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import TRASH, Nothing, Trash
from clonebox_tui.model.trash import TrashedMachine, TrashedSnapshot
from clonebox_tui.tui.acting import Acting
from clonebox_tui.tui.presentation.amounts import duration, size
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Runs, clean, fit
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.widgets.bars import KeyBar, KeyHint
from clonebox_tui.tui.widgets.row_view import RowView
from clonebox_tui.tui.widgets.text_view import TextView

_LEFT_CELLS = 12


Kept = TrashedMachine | TrashedSnapshot


def _row(kept: Kept) -> str:
    return kept.machine if isinstance(kept, TrashedMachine) else f"{kept.machine}\n{kept.name}"


class TrashList(RowView):
    """Deleted machines and snapshots, the newest first."""

    def __init__(self, session: Session, glyphs: Glyphs) -> None:
        super().__init__(id="trash-list", classes="pane")
        self._session = session
        self._glyphs = glyphs
        self.kept: dict[str, Kept] = {}
        self.border_title = "Trash"

    def take(self, kept: Trash) -> None:
        """There are these now."""
        found: list[Kept] = [*kept.machines, *kept.snapshots]
        found.sort(key=lambda each: each.deleted_at, reverse=True)
        self.kept = {_row(each): each for each in found}
        self.border_title = f"Trash{f' {len(found)}' if found else ''}"
        rows = list(self.kept)
        if rows != self.rows:
            self.show(rows)
        self.redraw(rows)

    def runs_of(self, row: str, width: int) -> Runs:
        """One of them: its name, and how long it can still be brought back."""
        kept = self.kept[row]
        left = f"{duration(max(0.0, kept.until_at - self._session.clock()))} left"
        sign = self._glyphs.states[State.OFF] if isinstance(kept, TrashedMachine) else self._glyphs.now
        return (
            (f" {sign} ", "dim"),
            (fit(clean(self.title_of(kept)), max(4, width - _LEFT_CELLS - 4)), "text"),
            (f"{left:>{_LEFT_CELLS}} ", "dim"),
        )

    def title_of(self, kept: Kept) -> str:
        """A machine's name, or a snapshot's behind its machine's."""
        machine = self._session.machines.get(kept.machine)
        if isinstance(kept, TrashedMachine):
            return kept.name
        return f"{machine.name if machine else '?'} {self._glyphs.arrow} {kept.name}"

    def empty_runs(self, y: int, width: int) -> Runs:
        """Nothing was deleted."""
        del width
        return ((" The trash is empty.", "dim"),) if y == 0 else ()


class TrashScreen(FullScreen):
    """List on the left, what is under the cursor on the right."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 Textual declares it per instance
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "bring_back", "bring back", show=False),
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
        yield KeyBar(self._hints)

    def _hints(self) -> list[KeyHint]:
        acts = [("j k", "move"), ("enter", "bring back"), ("D", "purge for good")] if self._list.kept else []
        return [*acts, ("esc", "back")]

    def on_mount(self) -> None:
        """Ask what there is."""
        self._list.focus()
        self._ask()

    def heard(self, changes: Changes) -> None:
        """News came while this screen is open."""
        if (changes.listing or changes.ended) and self.is_mounted:
            self._ask()

    @on(RowView.Chosen, "#trash-list")
    def action_bring_back(self) -> None:
        """Bring back what is under the cursor."""
        kept = self._list.kept.get(self._list.cursor)
        if isinstance(kept, TrashedMachine):
            self._do(UntrashMachine(kept.machine))
        elif kept is not None:
            self._do(UntrashSnapshots(kept.machine, (kept.name,)))

    def action_purge(self) -> None:
        """Remove what is under the cursor for good."""
        kept = self._list.kept.get(self._list.cursor)
        if isinstance(kept, TrashedMachine):
            self._do(PurgeMachine(kept.machine))
        elif kept is not None:
            self._do(DeleteSnapshot(kept.machine, kept.name))

    def _do(self, act: Act) -> None:
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
        title = self._list.title_of(kept) if kept else ""
        self._text.border_title = clean(title).replace("[", r"\[")
        self._text.put(_lines(kept) if kept else ())
        self.query_one(KeyBar).update_lines()


def _lines(kept: Kept) -> list[Runs]:
    facts = [
        ("kind", "a machine" if isinstance(kept, TrashedMachine) else "a snapshot, hidden in its disk"),
        ("host", kept.machine.rpartition("/")[0].partition("?")[0]),
        ("deleted", _when(kept.deleted_at)),
        ("until", _when(kept.until_at)),
        ("", "then it is gone for good"),
        *(_of_machine(kept) if isinstance(kept, TrashedMachine) else ()),
    ]
    return [((f"{fit(name, 10)} ", "dim"), (clean(value), "text")) for name, value in facts if value]


def _of_machine(kept: TrashedMachine) -> list[tuple[str, str]]:
    return [
        ("snapshots", str(kept.snapshots or "none")),
        ("size", size(kept.size_bytes) if kept.folder else ""),
        ("was in", kept.folder),
        ("disks", ", ".join(kept.disks)),
    ]


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
