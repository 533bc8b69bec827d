"""The small form for a snapshot: a name, what it is for, and whether memory is kept."""

import time

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from clonebox_tui.model.acts import CreateSnapshot
from clonebox_tui.model.machine import AgentState, Machine, State
from clonebox_tui.model.snapshot import why_not_name
from clonebox_tui.tui.presentation.runs import heading
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.tick_box import TickBox


def proposed_name(taken: set[str], now: float) -> str:
    """The time as a name, made unique."""
    name = time.strftime("%Y-%m-%d-%H%M", time.localtime(now))
    return next(each for each in [name, *(f"{name}-{i}" for i in range(2, 999))] if each not in taken)


def name_fault(name: str, taken: set[str]) -> str:
    """A sentence on what is wrong with a name; empty when it can stand."""
    return "There is a snapshot of that name already." if name in taken else why_not_name(name)


class TakeSnapshotScreen(Dialog[CreateSnapshot]):
    """The act, or None."""

    def __init__(self, machine: Machine, taken: set[str], now: float) -> None:
        super().__init__()
        self._machine = machine
        self._taken = taken
        self._name = proposed_name(taken, now)

    def compose(self) -> ComposeResult:
        """Three fields."""
        with Vertical(classes="dialog") as box:
            box.border_title = heading(f"Take a snapshot of {self._machine.name}")
            yield Label("Name", classes="dialog-label -form")
            yield Input(self._name, id="name", compact=True)
            yield Label("", id="fault", classes="dialog-fault", markup=False)
            yield Label("What for", classes="dialog-label")
            yield Input(id="description", compact=True)
            if self._machine.state is State.RUNNING:
                yield TickBox(
                    "Keep memory too: it goes on exactly where it was", True, id="memory", compact=True
                )
                if self._machine.agent is AgentState.CONNECTED:
                    yield TickBox(
                        "Let the guest write everything to its disk first", True, id="settle", compact=True
                    )
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button("Take  enter", id="go", compact=True)

    @on(Input.Changed, "#name")
    def _typed(self, event: Input.Changed) -> None:
        fault = name_fault(event.value, self._taken)
        self.query_one("#fault", Label).update(fault)
        self.query_one("#go", Button).disabled = bool(fault)

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        name = self.query_one("#name", Input).value
        if name_fault(name, self._taken):
            return
        memory, settle = (
            any(box.value for box in self.query(f"#{kind}").results(TickBox)) for kind in ("memory", "settle")
        )
        description = self.query_one("#description", Input).value
        self.dismiss(CreateSnapshot(self._machine.id, name, description, memory, settle))

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)
