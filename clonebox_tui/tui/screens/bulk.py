"""The question before one act is done to several machines: how many, and which."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from clonebox_tui.model.acts import Act, tag
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.rules import why_not
from clonebox_tui.tui.presentation.amounts import plural
from clonebox_tui.tui.presentation.runs import Runs, clean
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.text_view import TextView


class BulkScreen(Dialog[tuple[Machine, ...]]):
    """The machines to go on with, or None. Those the act makes no sense for are named and left out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "go", "go on", show=False),
        Binding("n", "leave", "cancel", show=False),
    ]

    def __init__(self, acts: Mapping[Machine, Act]) -> None:
        super().__init__()
        self._reasons = {machine: why_not(tag(act), machine) for machine, act in acts.items()}
        self._verb = tag(next(iter(acts.values()))).rpartition(".")[2]
        self._able = tuple(machine for machine, reason in self._reasons.items() if not reason)

    def _lines(self) -> list[Runs]:
        return [
            (
                (f"{clean(machine.name)}  ", "dim" if reason else "text"),
                (reason or machine.state.value, "dim"),
            )
            for machine, reason in sorted(
                self._reasons.items(), key=lambda pair: (bool(pair[1]), pair[0].name)
            )
        ]

    def compose(self) -> ComposeResult:
        """Names, then the buttons."""
        with Vertical(classes="dialog") as box:
            box.border_title = f"{self._verb.capitalize()} {plural(len(self._able), 'machine')}"
            yield TextView(self._lines(), classes="dialog-text", ground="surface")
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button(f"{self._verb.capitalize()}  y", id="go", compact=True)

    def on_mount(self) -> None:
        """Enter alone changes nothing."""
        self.query_one("#cancel").focus()

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """Go on with those that can."""
        self.dismiss(self._able)

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)
