"""The snapshots of the selected machine as a tree, with *now* in its place."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from clonebox_tui.model.filtering import compile_filter
from clonebox_tui.model.snapshot import Branch, Snapshot
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Runs
from clonebox_tui.tui.presentation.snapshot_row import NOW, snapshot_runs, tree_rows
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.row_view import RowView

_TAKING = "snapshot.create"


class SnapshotTree(RowView):
    """Shows what the session knows; `update_tree` when that may have changed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("h", "parent", "to the parent", show=False)]

    def __init__(self, session: Session, glyphs: Glyphs, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self._session = session
        self._glyphs = glyphs
        self._branches: dict[str, Branch] = {}
        self._shown: tuple[str, tuple[Snapshot, ...] | None] = ("", None)
        self._taking = False
        """Whether one is being taken of the machine now."""
        self.filter_text = ""
        self.border_title = "Snapshots"
        self.marked = ""
        """Name of the snapshot that others are compared with."""

    @property
    def shown_snapshots(self) -> tuple[Snapshot, ...]:
        """All of the machine."""
        return self._shown[1] or ()

    def toggle_mark(self) -> None:
        """Mark the snapshot under the cursor, or take its mark away; one is marked at a time."""
        self.marked = "" if self.marked == self.cursor else self.cursor
        self.redraw(self.rows)

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot under the cursor; none on *now*."""
        branch = self._branches.get(self.cursor)
        return branch.snapshot if branch else None

    def update_tree(self) -> None:
        """Show the selected machine's snapshots."""
        machine = self._session.selected
        snapshots = self._session.snapshots.get(machine)
        self._look_for_job(machine)
        if self._shown == (machine, snapshots):
            self.redraw(self.rows)
            return
        if self._shown[0] != machine:
            self.marked = ""
        first = snapshots is not None and (self._shown[0] != machine or self._shown[1] is None)
        self._shown = (machine, snapshots)
        self._branches = tree_rows(snapshots) if snapshots else {}
        self._filter()
        if first:
            # Where one would go back to.
            self.put_cursor(next((each.name for each in snapshots or () if each.current), NOW))

    def _look_for_job(self, machine: str) -> None:
        job = self._session.job_of(machine)
        taking = job is not None and job.act == _TAKING
        if taking is not self._taking:
            self._taking = taking
            if not self.rows:
                self.refresh()

    def set_filter(self, text: str) -> str:
        """Show only the snapshots whose names match, and *now*; tells what is wrong with the filter."""
        self.filter_text = text
        return self._filter()

    def _filter(self) -> str:
        accepts, fault = compile_filter(self.filter_text)
        names = [row for row in self._branches if row != NOW]
        found = [name for name in names if accepts(name)]
        kept = set(found if self.filter_text else names)
        self.show([row for row in self._branches if row == NOW or row in kept])
        count = f" {len(names)}" if names else ""
        search = f"  /{self.filter_text}".replace("[", r"\[") if self.filter_text else ""
        self.border_title = f"Snapshots{count}{search}"
        self.border_subtitle = f"{len(found)} of {len(names)}" if self.filter_text else ""
        return fault

    def action_parent(self) -> None:
        """To the snapshot this one descends from."""
        index = self.places.get(self.cursor, 0)
        depth = self._branches[self.cursor].depth if self.cursor in self._branches else 0
        above = (row for row in reversed(self.rows[:index]) if self._branches[row].depth < depth)
        self.put_cursor(next(above, self.cursor))

    def runs_of(self, row: str, width: int) -> Runs:
        """One line of the tree."""
        marked = row == self.marked
        return snapshot_runs(self._branches[row], width, self._session.clock(), self._glyphs, marked)

    def empty_runs(self, y: int, width: int) -> Runs:
        """Nothing yet, and how to change that."""
        del width
        if self._session.machine is None:
            return ()
        if self._shown[1] is None:
            return ((" …", "dim"),) if y == 0 else ()
        if self._taking:
            return (
                ((f" {self._glyphs.busy} ", "accent"), ("the first is being taken", "text")) if y == 0 else ()
            )
        if y == 0:
            return ((" none yet", "dim"),)
        return ((" t", "key"), (" takes one", "dim")) if y == 1 else ()
