"""The small form that asks for a path of this host, to copy to or from."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from clonebox_tui.model.acts import Act
from clonebox_tui.tui.presentation.runs import heading
from clonebox_tui.tui.screens.dialog import Dialog


class CopyPathScreen(Dialog[Act]):
    """The act, or None."""

    Make = Callable[[str], Act]
    """The act, of a path of this host."""

    def __init__(self, title: str, label: str, proposed: str, make: Make) -> None:
        super().__init__()
        self._title, self._label, self._proposed, self._make = title, label, proposed, make

    def compose(self) -> ComposeResult:
        """One field."""
        with Vertical(classes="dialog") as box:
            box.border_title = heading(self._title)
            yield Label(self._label, classes="dialog-label -form")
            yield Input(self._proposed, id="path", compact=True)
            yield Label("", id="fault", classes="dialog-fault", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button("Copy  enter", id="go", compact=True)

    def on_mount(self) -> None:
        """One types at once."""
        self.query_one("#path").focus()

    @on(Input.Submitted, "#path")
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        path = self.query_one("#path", Input).value
        if path.startswith("/"):
            self.dismiss(self._make(path))
        else:
            self.query_one("#fault", Label).update("Give the whole path, from / on.")

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)
