"""The graphs of one machine over the whole screen: from a minute to a day, and any moment of it read."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import HISTORY, HistoryWanted
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.timeline import SPANS, Timeline
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.timeline_view import TimelineView, next_span

if TYPE_CHECKING:
    from textual.worker import WorkType

ASK_AGAIN_SECONDS = 300.0
"""Every so often the past is asked for anew: seconds have become averages, and what came is let go."""

MISSED_SECONDS = 10.0
"""After such a silence too: the worker may know what this screen has missed."""


class GraphsScreen(FullScreen):
    """Of the machine that is selected when it is opened; it stays selected meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket,plus,equals_sign", "span(-1)", "shorter", show=False),
        Binding("right_square_bracket,minus", "span(1)", "longer", show=False),
        Binding("y", "copy", "copy the moment", show=False),
        Binding("enter", "leave", "back", show=False),
    ]

    def __init__(self, session: Session, glyphs: Glyphs) -> None:
        super().__init__()
        self._session = session
        self._machine = session.selected
        self._view = TimelineView(session.clock, glyphs, Timeline(SPANS[1]))
        self._asked_at = 0.0

    def compose(self) -> ComposeResult:
        """Title, curves, keys."""
        machine = self._session.machine
        yield TitleBar(machine.name if machine else "machine", "graphs")
        yield self._view
        yield KeyBar(
            lambda: [
                ("h l", "move"),
                ("H L", "faster"),
                ("G", "now"),
                ("[", "shorter"),
                ("]", "longer"),
                ("y", "copy"),
                ("esc", "back"),
            ]
        )

    def on_mount(self) -> None:
        """Show what the cockpit knows already, and ask for the rest."""
        self._view.focus()
        self._ask()
        self.set_interval(1.0, self._second)

    def heard(self, changes: Changes) -> None:
        """News came while this screen is open."""
        if changes.sampled and self._session.trace.machine == self._machine:
            silence = self._session.clock() - self._view.timeline.newest
            self._take_live()
            if self._view.timeline.loaded and silence > MISSED_SECONDS:
                self._ask()
            self._view.update_lines()

    def _take_live(self) -> None:
        timeline = self._view.timeline
        points = self._session.trace.points
        begin = len(points)
        while begin and points[begin - 1][0] > timeline.newest:
            begin -= 1
        timeline.add(points[begin:])

    def _second(self) -> None:
        self._view.update_lines()
        if self._session.clock() - self._asked_at > ASK_AGAIN_SECONDS:
            self._ask()

    def _ask(self) -> None:
        self._asked_at = self._session.clock()
        work: WorkType[None] = self._ask_past
        self.run_worker(work, group="past", exclusive=True)

    async def _ask_past(self) -> None:
        timeline = self._view.timeline
        span = timeline.span
        try:
            series = await self._session.call(
                HISTORY, HistoryWanted(self._machine, float(span.seconds), span.points)
            )
        except ProblemError as error:
            self._view.note = error.problem.what
        else:
            self._view.note = ""
            timeline.take(series)
            self._take_live()
        self._view.update_lines()

    def action_span(self, step: int) -> None:
        """A longer (1) or shorter (-1) span; the cursor keeps its moment where it can."""
        span = next_span(self._view.timeline.span, step)
        if span is self._view.timeline.span:
            return
        self._view.timeline = Timeline(span)
        if self._view.at is not None and self._session.clock() - self._view.at > span.seconds:
            self._view.at = None
        self._take_live()
        self._view.update_lines()
        self._ask()

    def action_copy(self) -> None:
        """The moment under the cursor."""
        from clonebox_tui.tui.face import Face

        if isinstance(self.app, Face):
            self.app.copy_visibly(self._view.moment_text())
