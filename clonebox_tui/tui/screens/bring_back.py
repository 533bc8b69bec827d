"""The small form that brings a file or folder back out of a snapshot: which, and where to."""

from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from clonebox_tui.model.acts import RestorePath
from clonebox_tui.model.machine import AgentState, Machine
from clonebox_tui.tui.presentation.runs import clean, heading
from clonebox_tui.tui.screens.dialog import Dialog


def fault(path: str, target: str, machine: str) -> str:
    """A sentence on what is wrong with the form; empty when it can stand."""
    if not path.startswith("/"):
        return "The path begins at the root of the disk: /etc/hosts."
    if not target.startswith(("/", f"{machine}:/")):
        return f"To /PATH of this host, or to {machine}:/PATH in the guest."
    return ""


class BringBackScreen(Dialog[RestorePath]):
    """The act, or None. Paths of the disk are those of the guest, unless it is mounted elsewhere there."""

    def __init__(self, machine: Machine, snapshot: str, path: str) -> None:
        super().__init__()
        self._machine = machine
        self._snapshot = snapshot
        self._path = path
        self._by_hand = False

    def _proposed(self, path: str) -> str:
        if self._machine.agent is AgentState.CONNECTED:
            return f"{self._machine.name}:{path}"
        return str(Path.cwd() / Path(path).name)

    def compose(self) -> ComposeResult:
        """Two fields."""
        with Vertical(classes="dialog") as box:
            box.border_title = heading(f"Bring back from {self._snapshot}")
            yield Label("File or folder, as it is there", classes="dialog-label -form")
            yield Input(self._path or "/etc/", id="path", compact=True)
            yield Label("", id="fault", classes="dialog-fault", markup=False)
            yield Label(
                f"To: {clean(self._machine.name)}:/PATH in the guest, or a path of this host",
                classes="dialog-label",
                markup=False,
            )
            yield Input(self._proposed(self._path or "/etc/"), id="target", compact=True)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button("Plan it  enter", id="go", compact=True)

    def _typed(self) -> tuple[str, str]:
        return self.query_one("#path", Input).value, self.query_one("#target", Input).value

    @on(Input.Changed, "#path")
    def _path_changed(self, event: Input.Changed) -> None:
        if not self._by_hand and event.input.has_focus:
            self.query_one("#target", Input).value = self._proposed(event.value)
        self._check()

    @on(Input.Changed, "#target")
    def _target_changed(self, event: Input.Changed) -> None:
        self._by_hand = self._by_hand or event.input.has_focus
        self._check()

    def _check(self) -> None:
        found = fault(*self._typed(), self._machine.name)
        self.query_one("#fault", Label).update(found)
        self.query_one("#go", Button).disabled = bool(found)

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        path, target = self._typed()
        if fault(path, target, self._machine.name):
            return
        guest = not target.startswith("/")
        place = target.removeprefix(f"{self._machine.name}:") if guest else target
        if place.endswith("/"):
            place += Path(path).name
        into = self._machine.id if guest else ""
        self.dismiss(RestorePath(self._machine.id, self._snapshot, path.rstrip("/") or "/", place, into))

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)
