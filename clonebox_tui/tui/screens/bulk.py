"""The question before one act is done to several machines: how many, which, and what the way back is."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label

from clonebox_tui.model.filtering import state_word
from clonebox_tui.tui.batch import Planned
from clonebox_tui.tui.presentation.amounts import plural
from clonebox_tui.tui.presentation.runs import Runs, clean, heading
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.text_view import TextView

WITHOUT_TYPING = 20
"""More machines than these want the words typed, as does what wants a name typed for one."""

_ALIGNED_CELLS = 32
"""Names up to this length stand in a column."""


class BulkScreen(Dialog[tuple[Planned, ...]]):
    """The machines to go on with, or None. Those the act cannot be done to are named and left out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "go", "go on", show=False),
        Binding("n", "leave", "cancel", show=False),
        Binding("j", "scroll(4)", "down", show=False),
        Binding("k", "scroll(-4)", "up", show=False),
        Binding("pagedown,ctrl+d", "scroll(8)", "down", show=False, priority=True),
        Binding("pageup,ctrl+u", "scroll(-8)", "up", show=False, priority=True),
    ]

    def __init__(self, verb: str, planned: Sequence[Planned]) -> None:
        super().__init__()
        self._verb = verb
        self._planned = sorted(planned, key=lambda each: (each.plan is None, each.machine.name.lower()))
        self._able = tuple(each for each in self._planned if each.plan is not None)
        self._title = f"{verb} {plural(len(self._able), 'machine')}"
        final = any(each.plan is not None and each.plan.confirm for each in planned)
        self._phrase = ""
        if self._able and (final or len(self._able) > WITHOUT_TYPING):
            self._phrase = self._title.lower()

    def _lines(self) -> list[Runs]:
        longest = max((cell_len(clean(each.machine.name)) for each in self._planned), default=0)
        width = min(longest, _ALIGNED_CELLS)
        return [*self._warnings(), *(self._line(each, width) for each in self._planned)]

    @staticmethod
    def _line(each: Planned, width: int) -> Runs:
        name = clean(each.machine.name)  # whole, however long: it is what is asked about
        name += " " * (width - cell_len(name))
        if each.problem is None:
            return ((name, "text"), (f"  {state_word(each.machine)}", "dim"))
        why = each.problem.why or each.problem.what
        return ((name, "dim"), ("  left out: ", "warn"), (clean(why), "dim"))

    def _warnings(self) -> list[Runs]:
        """What is said of each, once."""
        plans = [each.plan for each in self._able if each.plan is not None]
        said = dict.fromkeys(text for plan in plans for text in plan.warnings)
        lines: list[Runs] = [(("! ", "warn"), (clean(text), "warn")) for text in said]
        backs = dict.fromkeys((plan.undo, plan.reversible) for plan in plans if plan.undo)
        lines += [(("way back  ", "dim"), (clean(undo), "ok" if can else "bad")) for undo, can in backs]
        return [*lines, ()] if lines else []

    def compose(self) -> ComposeResult:
        """Names, the words to type where they are wanted, then the buttons."""
        with Vertical(classes="dialog -danger" if self._phrase else "dialog") as box:
            box.border_title = heading(self._title)
            yield TextView(self._lines(), classes="dialog-text", ground="surface")
            if self._phrase:
                label = f"Type “{clean(self._phrase)}” to go on:"
                yield Label(label, id="confirm-label", classes="dialog-label", markup=False)
                yield Input(id="confirm", compact=True)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel  esc", id="cancel", compact=True)
                word = self._verb if self._phrase else f"{self._verb}  y"
                blocked = bool(self._phrase) or not self._able
                yield Button(word, id="go", compact=True, disabled=blocked)

    def on_mount(self) -> None:
        """Enter alone changes nothing."""
        self.query_one("#confirm" if self._phrase else "#cancel").focus()

    @property
    def _may_go(self) -> bool:
        typed = self.query_one("#confirm", Input).value.strip().lower() if self._phrase else ""
        return bool(self._able) and typed == self._phrase

    @on(Input.Changed, "#confirm")
    def _typed(self) -> None:
        self.query_one("#go", Button).disabled = not self._may_go

    @on(Input.Submitted, "#confirm")
    def _submitted(self) -> None:
        self.action_go()

    @on(Button.Pressed, "#go")
    def action_go(self) -> None:
        """Go on with those that can."""
        if self._may_go:
            self.dismiss(self._able)

    @on(Button.Pressed, "#cancel")
    def _cancelled(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Read on without leaving the button."""
        self.query_one(TextView).scroll_relative(y=lines, animate=False)
