"""The tree of detected items: grouped by kind, toggled by space, filtered as typed."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from clonebox_tui.model.environment import DetectedItem
from clonebox_tui.model.filtering import compile_filter
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Runs
from clonebox_tui.tui.screens.wizard.state import GROUPS, Draft
from clonebox_tui.tui.screens.wizard.texts import group_runs, item_runs
from clonebox_tui.tui.widgets.row_view import RowView

_GROUP = "group "
_TITLE = "What was found"


class ItemTree(RowView):
    """Rows are headings (`group KIND`) and item ids."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_item", "choose", show=False),
        Binding("h,left", "fold(1)", "fold", show=False),
        Binding("l,right", "fold(0)", "unfold", show=False),
    ]

    def __init__(self, draft: Draft, glyphs: Glyphs) -> None:
        super().__init__(id="wizard-items", classes="pane")
        self._draft = draft
        self._glyphs = glyphs
        self._folded: set[str] = set()
        self._filter = ""
        self._accepts, _ = compile_filter("")
        self._opened_at = ""
        """The first row, while nobody has gone anywhere: what comes in above it is not to push it away."""
        self.border_title = _TITLE

    @property
    def item(self) -> DetectedItem | None:
        """The item under the cursor."""
        return self._draft.items.get(self.cursor)

    def relist(self) -> None:
        """Items came, a group was folded, or the filter changed."""
        rows: list[str] = []
        for kind, _ in GROUPS:
            items = self._of(kind.value)
            if items:
                rows.append(_GROUP + kind.value)
                rows += [] if kind.value in self._folded and not self._filter else [each.id for each in items]
        at_the_top = self.cursor == self._opened_at
        self.show(rows)
        if at_the_top and rows:
            self._opened_at = rows[0]
            self.put_cursor(rows[0])
        self.tell_count()

    def tell_count(self) -> None:
        """Say below the tree how much is chosen."""
        looking = "looking … · " if self._draft.detecting else ""
        self.border_subtitle = f"{looking}{len(self._draft.chosen)} chosen of {len(self._draft.items)} found"

    def set_filter(self, text: str) -> None:
        """Only items whose name or evidence the text accepts, in the words of the cockpit's `/`."""
        self._filter = text
        self._accepts, fault = compile_filter(text)
        self.border_title = f"{_TITLE} · {fault}" if fault else _TITLE
        self.relist()

    def _of(self, kind: str) -> list[DetectedItem]:
        return [
            item
            for item in self._draft.items.values()
            if item.kind.value == kind and self._accepts(f"{item.name}\n{item.evidence}")
        ]

    def runs_of(self, row: str, width: int) -> Runs:
        """A heading or an item."""
        if row.startswith(_GROUP):
            kind = row.removeprefix(_GROUP)
            title = next(title for each, title in GROUPS if each.value == kind)
            folded = " …" if kind in self._folded and not self._filter else ""
            return group_runs(self._draft, title + folded, self._of(kind), width)
        return item_runs(self._draft, self._draft.items[row], width, self._glyphs)

    def empty_runs(self, y: int, width: int) -> Runs:
        """Nothing yet, or nothing at all."""
        del width
        found = "Looking around …" if self._draft.detecting else "Nothing matches."
        return ((f" {found}", "dim"),) if y == 0 else ()

    def action_toggle_item(self) -> None:
        """Choose or leave out: one item, or all of a group."""
        self._opened_at = ""
        if self.cursor.startswith(_GROUP):
            self._draft.toggle(*(item.id for item in self._of(self.cursor.removeprefix(_GROUP))))
        else:
            self._draft.toggle(self.cursor)
        self.redraw(self.rows)
        self.tell_count()

    def action_fold(self, fold: int) -> None:
        """Fold the group the cursor is in, or unfold it."""
        item = self.item
        kind = item.kind.value if item else self.cursor.removeprefix(_GROUP)
        if fold:
            self._folded.add(kind)
            self.put_cursor(_GROUP + kind)
        else:
            self._folded.discard(kind)
        self.relist()
