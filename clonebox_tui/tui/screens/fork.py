"""The small form for forks: what they are called, how many, and whether they run at once."""

import re

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from clonebox_tui.model.acts import ForkMachine
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.snapshot import fork_names
from clonebox_tui.tui.presentation.runs import heading
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.tick_box import TickBox

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_MOST = 64


def proposed_name(machine: str, snapshot: str, taken: set[str]) -> str:
    """The machine's name with what it is forked from, made unique."""
    tail = re.sub(r"[^A-Za-z0-9._-]+", "-", snapshot).strip("-.") or "fork"
    name = f"{machine}-{tail}"[:50]
    return next(each for each in [name, *(f"{name}-{i}" for i in range(2, 999))] if each not in taken)


def fault(name: str, count: str, taken: set[str]) -> str:
    """A sentence on what is wrong with the form; empty when it can stand."""
    if not count.isascii() or not count.isdigit() or not 1 <= int(count) <= _MOST:
        return f"How many: a number from 1 to {_MOST}."
    if not _NAME.fullmatch(name):
        return "Letters, digits and . _ - only, a letter or digit first."
    there = [each for each in fork_names(name, int(count)) if each in taken]
    return f"There is a machine {there[0]} already." if there else ""


class ForkScreen(Dialog[ForkMachine]):
    """The act, or None."""

    def __init__(self, machine: Machine, snapshot: str, taken: set[str]) -> None:
        super().__init__()
        self._machine = machine
        self._snapshot = snapshot
        self._taken = taken

    def compose(self) -> ComposeResult:
        """Three fields."""
        of = (
            f"{self._machine.name} at {self._snapshot}"
            if self._snapshot
            else f"{self._machine.name}, as it is"
        )
        with Vertical(classes="dialog") as box:
            box.border_title = heading(f"Fork {of}")
            yield Label("Name", classes="dialog-label -form")
            yield Input(
                proposed_name(self._machine.name, self._snapshot, self._taken), id="name", compact=True
            )
            yield Label("", id="fault", classes="dialog-fault", markup=False)
            yield Label("How many (numbered, when more than one)", classes="dialog-label")
            yield Input("1", id="count", compact=True)
            yield TickBox("Leave them running", False, id="start", compact=True)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button("Fork  enter", id="go", compact=True)

    def _typed(self) -> tuple[str, str]:
        return self.query_one("#name", Input).value.strip(), self.query_one("#count", Input).value.strip()

    @on(Input.Changed)
    def _changed(self) -> None:
        found = fault(*self._typed(), self._taken)
        self.query_one("#fault", Label).update(found)
        self.query_one("#go", Button).disabled = bool(found)

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        name, count = self._typed()
        if not fault(name, count, self._taken):
            start = self.query_one("#start", TickBox).value
            names = fork_names(name, int(count))
            self.dismiss(ForkMachine(self._machine.id, names, self._snapshot, start))

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)
