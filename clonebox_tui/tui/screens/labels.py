"""The small form for tags, group and note: of one machine as they are, of several as what changes."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, TextArea

from clonebox_tui.model.labels import Labels, fault, retagged
from clonebox_tui.model.machine import Machine
from clonebox_tui.tui.presentation.amounts import plural
from clonebox_tui.tui.screens.dialog import Dialog

_EXAMPLES = {True: ("such as: web dev", "such as: shop"), False: ("such as: +web -old", "left as it is")}
"""Of one machine, and of several, where only what is typed changes."""


class LabelsScreen(Dialog[Callable[[Labels], Labels]]):
    """The change to make of the labels of each machine, or None."""

    def __init__(self, machines: tuple[Machine, ...], field: str) -> None:
        super().__init__()
        self._machines = machines
        self._field = field

    @property
    def _one(self) -> bool:
        return len(self._machines) == 1

    def compose(self) -> ComposeResult:
        """Three fields, what is wrong, the buttons."""
        first = self._machines[0]
        kept = first.labels if self._one else Labels()
        tags, group = _EXAMPLES[self._one]
        with Vertical(classes="dialog") as box:
            who = first.name if self._one else plural(len(self._machines), "machine")
            box.border_title = f"Labels of {who}".replace("[", r"\[")
            yield Label("Tags", classes="dialog-label -form")
            yield Input(" ".join(kept.tags), placeholder=tags, id="tags", compact=True)
            yield Label("Group", classes="dialog-label -form")
            yield Input(kept.group, placeholder=group, id="group", compact=True)
            yield Label("Note" if self._one else "Note (empty: left as it is)", classes="dialog-label -form")
            yield TextArea(kept.note, id="note", compact=True)
            yield Label("", id="fault", classes="dialog-fault", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                yield Button("Write  enter", id="go", compact=True)

    def on_mount(self) -> None:
        """At the field that was asked for."""
        self.query_one(f"#{self._field}").focus()

    def _change(self) -> Callable[[Labels], Labels]:
        words = self.query_one("#tags", Input).value.replace(",", " ").split()
        group, note = self.query_one("#group", Input).value.strip(), self.query_one(TextArea).text.strip()
        if self._one:
            return lambda _: retagged(Labels((), group, note), words)
        return lambda labels: retagged(Labels(labels.tags, group or labels.group, note or labels.note), words)

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _typed(self) -> None:
        change = self._change()
        wrong = next(filter(None, (fault(change(machine.labels)) for machine in self._machines)), "")
        self.query_one("#fault", Label).update(wrong)
        self.query_one("#go", Button).disabled = bool(wrong)

    @on(Input.Submitted)
    @on(Button.Pressed, "#go")
    def _go(self) -> None:
        if not self.query_one("#go", Button).disabled:
            self.dismiss(self._change())

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)
