"""The question before an act that matters: what will be done, exactly, and whether there is a way back."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from clonebox_tui.model.plan import Plan
from clonebox_tui.tui.presentation.plan_text import plan_lines
from clonebox_tui.tui.presentation.runs import heading
from clonebox_tui.tui.screens.consent import Consent
from clonebox_tui.tui.widgets.text_view import TextView


class PlanScreen(Consent[bool]):
    """True when the person agreed. Cancel has the focus; `plan.confirm` must be typed where it is set."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "scroll(4)", "down", show=False),
        Binding("pageup", "scroll(-4)", "up", show=False),
    ]

    def __init__(self, plan: Plan) -> None:
        super().__init__(yes=True, phrase=plan.confirm)
        self._plan = plan

    def compose(self) -> ComposeResult:
        """Plan, then the word to type where one is wanted, then the buttons."""
        plan = self._plan
        grade = "-danger" if not plan.reversible else "-careful" if plan.destructive else ""
        # The very word of what will be done: nobody reads twice what “OK” would mean.
        verb = plan.title.partition(" ")[0].capitalize()
        with Vertical(classes=f"dialog {grade}") as box:
            box.border_title = heading(plan.title)
            yield TextView(plan_lines(plan), classes="dialog-text", ground="surface")
            yield from self._phrase_and_buttons(f"{verb}  {'enter' if plan.confirm else 'y'}", grade)
