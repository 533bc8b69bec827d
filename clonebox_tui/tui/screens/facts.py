"""A dialog that only shows: names and values, scrollable, copyable."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from clonebox_tui.tui.presentation.runs import Runs, clean, fit, heading
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.text_view import TextView


class FactsScreen(Dialog[None]):
    """`facts` are pairs of a name and a value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "leave", "back", show=False),
        Binding("y", "copy", "copy", show=False),
    ]

    def __init__(self, title: str, facts: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._lines: list[Runs] = [((fit(name, 13), "dim"), (clean(value), "text")) for name, value in facts]

    def compose(self) -> ComposeResult:
        """The facts, and how to leave."""
        with Vertical(classes="dialog") as box:
            box.border_title = heading(self._title)
            yield TextView(self._lines, classes="dialog-text", ground="surface")
            yield KeyBar(lambda: [("y", "copy"), ("esc", "back")])

    def action_copy(self) -> None:
        """All of it."""
        from clonebox_tui.tui.face import Face

        if isinstance(self.app, Face):
            self.app.copy_visibly(self.query_one(TextView).plain_text)
