"""The small form of a bisection: a good state, a bad one, and the command that tells them apart."""

import shlex

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from clonebox_tui.model.acts import BisectMachine
from clonebox_tui.model.machine import Machine
from clonebox_tui.tui.presentation.runs import heading
from clonebox_tui.tui.screens.dialog import Dialog

NOW = "now"


def fault(good: str, bad: str, check: str, names: frozenset[str]) -> str:
    """A sentence on what is wrong with the form; empty when it can stand."""
    if good not in names:
        return f"There is no snapshot {good}." if good else "Name a snapshot in which it works."
    if bad not in names | {NOW}:
        return f"There is no snapshot {bad}."
    try:
        words = shlex.split(check)
    except ValueError:
        return "A quote is not closed."
    return "" if words else "Name a command that ends with 0 when all is well."


class BisectScreen(Dialog[BisectMachine]):
    """The act, or None."""

    def __init__(self, machine: Machine, good: str, bad: str, names: frozenset[str]) -> None:
        super().__init__()
        self._machine = machine
        self._good = good
        self._bad = bad
        self._names = names

    def compose(self) -> ComposeResult:
        """Three fields."""
        fields = (
            ("good", "Good: a snapshot in which it works", self._good),
            ("bad", "Bad: a later one, or now", self._bad or NOW),
            ("check", "Check: a command, run as root in forks; exit 0 means good", ""),
        )
        with Vertical(classes="dialog") as box:
            box.border_title = heading(f"Find the first bad state of {self._machine.name}")
            for name, title, value in fields:
                yield Label(title, classes="dialog-label -form")
                yield Input(value, id=name, compact=True)
            yield Label("", id="fault", classes="dialog-fault", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button("Search  enter", id="go", compact=True)

    def _typed(self) -> tuple[str, str, str]:
        good, bad, check = (self.query_one(f"#{name}", Input).value for name in ("good", "bad", "check"))
        return good.strip(), bad.strip(), check

    @on(Input.Changed)
    def _changed(self) -> None:
        found = fault(*self._typed(), self._names)
        self.query_one("#fault", Label).update(found)
        self.query_one("#go", Button).disabled = bool(found)

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        good, bad, check = self._typed()
        if not fault(good, bad, check, self._names):
            last = "" if bad == NOW and NOW not in self._names else bad
            self.dismiss(BisectMachine(self._machine.id, good, tuple(shlex.split(check)), last))

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)
