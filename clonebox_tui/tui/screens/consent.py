"""What the questions before an act share: Cancel is the default, yes is a button, `y`, or words to type."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Label

from clonebox_tui.tui.presentation.runs import clean
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.screens.left_once import Result
from clonebox_tui.tui.widgets.text_view import TextView


class Consent(Dialog[Result]):
    """Dismissed with `_yes`, or with None. Where there is a `_phrase` it must be typed first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "go", "go on", show=False),
        Binding("n", "leave", "cancel", show=False),
        Binding("j", "scroll(4)", "down", show=False),
        Binding("k", "scroll(-4)", "up", show=False),
    ]

    def __init__(self, yes: Result, phrase: str = "") -> None:
        super().__init__()
        self._yes = yes
        self._phrase = phrase

    def _phrase_and_buttons(self, go: str, grade: str = "") -> Iterator[Widget]:
        """The words to type where they are wanted, then Cancel and `go`, whose classes are `grade`."""
        if self._phrase:
            label = f"Type “{clean(self._phrase)}” to go on:"
            yield Label(label, id="confirm-label", classes="dialog-label", markup=False)
            yield Input(id="confirm", compact=True)
        cancel = Button("Cancel  esc", id="cancel", compact=True)
        yes = Button(go, id="go", classes=grade, compact=True, disabled=not self._may_go(""))
        yield Horizontal(cancel, yes, classes="dialog-buttons")

    def on_mount(self) -> None:
        """Cancel, or the words to type, have the focus: enter alone changes nothing."""
        self.query_one("#confirm" if self._phrase else "#cancel").focus()

    def _may_go(self, typed: str) -> bool:
        """Whether it may be done now that this was typed."""
        return typed == self._phrase

    @on(Input.Changed, "#confirm")
    def _typed(self, changed: Input.Changed) -> None:
        self.query_one("#go", Button).disabled = not self._may_go(changed.value)

    @on(Input.Submitted, "#confirm")
    def _submitted(self) -> None:
        self.action_go()

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """Agreed, where that is allowed."""
        if self._may_go(self.query_one("#confirm", Input).value if self._phrase else ""):
            self.dismiss(self._yes)

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Read on without leaving the button."""
        self.query_one(TextView).scroll_relative(y=lines, animate=False)
