"""A plain question with a few lines: Cancel has the focus, `y` goes on."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from clonebox_tui.tui.presentation.runs import Runs, clean
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.text_view import TextView


class QuestionScreen(Dialog[bool]):
    """True when the person agreed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "go", "go on", show=False),
        Binding("n", "leave", "cancel", show=False),
    ]

    def __init__(self, title: str, lines: Sequence[Runs], go: str, danger: bool = False) -> None:
        super().__init__()
        self._title = title
        self._lines = tuple(lines)
        self._go = go
        self._danger = danger

    def compose(self) -> ComposeResult:
        """Text, then the buttons."""
        with Vertical(classes="dialog -danger" if self._danger else "dialog") as box:
            box.border_title = clean(self._title).replace("[", r"\[")
            yield TextView(self._lines, classes="dialog-text", ground="surface")
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button(f"{self._go}  y", id="go", compact=True)

    def on_mount(self) -> None:
        """Enter alone changes nothing."""
        self.query_one("#cancel").focus()

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """Agreed."""
        self.dismiss(True)

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(False)
