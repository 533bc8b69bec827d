"""The one field of a new connection: the URI of a hypervisor, here or on another host."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.remote import ssh_target
from clonebox_tui.tui.screens.dialog import Dialog


class AddConnectionScreen(Dialog[str]):
    """The URI, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False, priority=True),
        Binding("up", "app.focus_previous", show=False, priority=True),
    ]

    def compose(self) -> ComposeResult:
        """Field, what is wrong with it, the buttons."""
        with Vertical(classes="dialog") as box:
            box.border_title = "Connect to another host"
            yield Label("URI of its hypervisor", classes="dialog-label -form")
            yield Input(placeholder="such as: qemu+ssh://user@server/system", id="uri", compact=True)
            yield Label("", id="fault", classes="dialog-fault", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button("Connect  enter", id="go", compact=True, disabled=True)

    def on_mount(self) -> None:
        """At the field."""
        self.query_one("#uri", Input).focus()

    @property
    def _uri(self) -> str:
        return self.query_one("#uri", Input).value.strip()

    @on(Input.Changed)
    def _typed(self) -> None:
        wrong = _fault(self._uri)
        self.query_one("#fault", Label).update(wrong)
        self.query_one("#go", Button).disabled = bool(wrong) or not self._uri

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        if not self.query_one("#go", Button).disabled:
            self.dismiss(self._uri)

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)


def _fault(uri: str) -> str:
    if uri and "://" not in uri:
        return "A URI names a driver first, e.g. qemu+ssh://user@server/system"
    try:
        ssh_target(uri)
    except ProblemError as error:
        return error.problem.why or error.problem.what
    return ""
