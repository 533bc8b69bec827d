"""The question before an act that matters: what will be done, exactly, and whether there is a way back."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from clonebox_tui.model.plan import Plan
from clonebox_tui.tui.presentation.plan_text import plan_lines
from clonebox_tui.tui.presentation.runs import clean, heading
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.text_view import TextView


class PlanScreen(Dialog[bool]):
    """True when the person agreed. Cancel has the focus; `plan.confirm` must be typed where it is set."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "go", "go on", show=False),
        Binding("n", "leave", "cancel", show=False),
        Binding("j,pagedown", "scroll(4)", "down", show=False),
        Binding("k,pageup", "scroll(-4)", "up", show=False),
    ]

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan

    def compose(self) -> ComposeResult:
        """Plan, then the word to type where one is wanted, then the buttons."""
        plan = self._plan
        grade = " -danger" if not plan.reversible else " -careful" if plan.destructive else ""
        with Vertical(classes=f"dialog{grade}") as box:
            box.border_title = heading(plan.title)
            yield TextView(plan_lines(plan), classes="dialog-text", ground="surface")
            if plan.confirm:
                yield Label(
                    f"Type “{clean(plan.confirm)}” to go on:",
                    id="confirm-label",
                    classes="dialog-label",
                    markup=False,
                )
                yield Input(id="confirm", compact=True)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                # The very word of what will be done: nobody reads twice what “OK” would mean.
                verb = plan.title.partition(" ")[0].capitalize()
                yield Button(
                    f"{verb}  {'enter' if plan.confirm else 'y'}",
                    id="go",
                    classes=grade,
                    compact=True,
                    disabled=bool(plan.confirm),
                )

    def on_mount(self) -> None:
        """Cancel, or the word to type, has the focus: enter alone never destroys."""
        self.query_one("#confirm" if self._plan.confirm else "#cancel").focus()

    @property
    def _may_go(self) -> bool:
        return not self._plan.confirm or self.query_one("#confirm", Input).value == self._plan.confirm

    @on(Input.Changed, "#confirm")
    def _typed(self) -> None:
        self.query_one("#go", Button).disabled = not self._may_go

    @on(Input.Submitted, "#confirm")
    def _submitted(self) -> None:
        self.action_go()

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """Agreed, where that is allowed."""
        if self._may_go:
            self.dismiss(True)

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(False)

    def action_scroll(self, lines: int) -> None:
        """Read on in a long plan without leaving the button."""
        self.query_one(TextView).scroll_relative(y=lines, animate=False)
