"""Why the machine is not ready: the likeliest cause first, what shows it, and what to do."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from clonebox_tui.model.diagnosis import Diagnosis
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import WHY, OnMachine
from clonebox_tui.tui.presentation.runs import Runs, clean
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.text_view import TextView

_SOURCE_CELLS = 12


class WhyScreen(FullScreen):
    """Looks once when it opens, and again on `r`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", show=False),
        Binding("r", "again", "look again", show=False),
    ]

    def __init__(self, session: Session, machine: Machine) -> None:
        super().__init__()
        self._session = session
        self._machine = machine

    def compose(self) -> ComposeResult:
        """One text."""
        yield TitleBar(self._machine.name, "why")
        yield TextView([(("looking at it …", "dim"),)], id="why", hanging=3 + _SOURCE_CELLS)
        yield KeyBar(lambda: [("j k", "scroll"), ("r", "look again"), ("y", "copy"), ("esc", "back")])

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one(TextView).focus()
        self.action_again()

    def action_again(self) -> None:
        """Look again."""
        self.run_worker(self._look(), group="why", exclusive=True)

    async def _look(self) -> None:
        try:
            found = await self._session.call(WHY, OnMachine(self._machine.id))
        except ProblemError as error:
            trouble = error.problem
            lines = [((clean(text), "text"),) for text in (trouble.what, trouble.why, trouble.next) if text]
            self.query_one(TextView).put(lines)
        else:
            self.query_one(TextView).put(list(diagnosis_lines(found)))

    def action_copy(self) -> None:
        """All of it."""
        from clonebox_tui.tui.face import Face

        if isinstance(self.app, Face):
            self.app.copy_visibly(self.query_one(TextView).plain_text)


def diagnosis_lines(found: Diagnosis) -> Iterator[Runs]:
    """The diagnosis as a person reads it."""
    yield ((clean(found.summary), "strong"), (f"   {found.phase}", "dim"))
    for number, cause in enumerate(found.causes, 1):
        yield ()
        yield ((f"{number}. ", "dim"), (clean(cause.title), "strong"), (f"  {cause.word}", "dim"))
        for evidence in cause.evidence:
            yield ((f"   {evidence.source:{_SOURCE_CELLS}}", "dim"), (clean(evidence.text), "text"))
        yield ((f"   {'do':{_SOURCE_CELLS}}", "accent"), (clean(cause.fix), "text"))
    yield ()
    yield (("looked at", "dim"),)
    for evidence in found.observed:
        yield ((f"   {evidence.source:{_SOURCE_CELLS}}", "dim"), (clean(evidence.text), "dim"))
