"""Why something failed: what happened, why, what to do next; all of it can be copied."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button

from clonebox_tui.model.problem import Problem
from clonebox_tui.tui.presentation.problem_text import problem_lines
from clonebox_tui.tui.presentation.runs import heading
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.text_view import TextView


class ProblemScreen(Dialog[bool]):
    """True when the person takes the `offer` (a way out, e.g. killing what does not stop)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", show=False),
        Binding("q", "leave", "back", show=False),
    ]

    def __init__(self, title: str, problem: Problem, offer: str = "") -> None:
        super().__init__()
        self._title = title
        self._problem = problem
        self._offer = offer

    def compose(self) -> ComposeResult:
        """The three answers, and the ways on."""
        with Vertical(classes="dialog -danger") as box:
            box.border_title = heading(f"{self._title} failed")
            yield TextView(problem_lines(self._problem), classes="dialog-text", ground="surface")
            with Horizontal(classes="dialog-buttons"):
                yield Button("Close  esc", id="close", compact=True)
                yield Button("Copy  y", id="copy", compact=True)
                if self._offer:
                    yield Button(self._offer, id="offer", compact=True)

    def on_mount(self) -> None:
        """Closing is the harmless way."""
        self.query_one("#close").focus()

    @on(Button.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(False)

    @on(Button.Pressed, "#offer")
    def _taken(self) -> None:
        self.dismiss(True)

    @on(Button.Pressed, "#copy")
    def action_copy(self) -> None:
        """All of it."""
        from clonebox_tui.tui.face import Face

        if isinstance(self.app, Face):
            self.app.copy_visibly(f"{self._title} failed\n{self.query_one(TextView).plain_text}")
