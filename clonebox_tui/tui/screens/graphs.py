"""Graphs over the whole screen, of a machine or of the host: a minute to a day, and any moment of it read."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import HISTORY, HistoryWanted
from clonebox_tui.tui.history import Trace
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.timeline import SPANS, Timeline
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.widgets.bars import KeyBar, KeyHint
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
        self._subject = session.selected
        """Whose graphs: the id by which the worker knows its history."""
        self._view = TimelineView(session.clock, glyphs, Timeline(SPANS[1]))
        self._title = TitleBar(*self._crumbs)
        self._asked_at = 0.0

    @property
    def _crumbs(self) -> tuple[str, ...]:
        machine = self._session.machine
        return (machine.name if machine else "machine", "graphs")

    @property
    def _trace(self) -> Trace:
        """What comes live."""
        return self._session.trace

    def compose(self) -> ComposeResult:
        """Title, curves, keys."""
        yield self._title
        yield self._view
        yield KeyBar(self._hints)

    def _hints(self) -> list[KeyHint]:
        return [
            ("h l", "move"), ("H L", "faster"), ("G", "now"), ("[", "shorter"), ("]", "longer"),
            ("y", "copy"), ("esc", "back"),
        ]  # fmt: skip

    def on_mount(self) -> None:
        """Show what the cockpit knows already, and ask for the rest."""
        self._view.focus()
        self._ask()
        self.set_interval(1.0, self._second)

    def heard(self, changes: Changes) -> None:
        """News came while this screen is open."""
        if changes.sampled and self._trace.machine == self._subject:
            silence = self._session.clock() - self._view.timeline.newest
            self._take_live()
            if self._view.timeline.loaded and silence > MISSED_SECONDS:
                self._ask()
            self._view.update_lines()

    def _take_live(self) -> None:
        timeline = self._view.timeline
        points = self._trace.points
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
                HISTORY, HistoryWanted(self._subject, float(span.seconds), span.points)
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


class HostGraphsScreen(GraphsScreen):
    """Of the host of the selected machine; `tab` goes to the next one where there are several."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "next_host", "next host", show=False)]

    def __init__(self, session: Session, glyphs: Glyphs) -> None:
        super().__init__(session, glyphs)
        self._look_at(session.host.connection if session.host else "")

    @property
    def _crumbs(self) -> tuple[str, ...]:
        # What follows a `?` are settings of the driver, not the name of a host.
        return ("host", self._subject.partition("?")[0], "graphs")

    @property
    def _trace(self) -> Trace:
        return self._session.host_traces.get(self._subject) or Trace(self._subject)

    def _hints(self) -> list[KeyHint]:
        *hints, last = super()._hints()
        several = [("tab", "next host")] if len(self._session.hosts) > 1 else []
        return [*hints, *several, last]

    def _look_at(self, connection: str) -> None:
        self._subject = connection
        self._view.missing = "not offered by this connection"
        self._title.set_crumbs(*self._crumbs)

    def action_next_host(self) -> None:
        """The host of the next connection, over the same span."""
        hosts = list(self._session.hosts)
        if len(hosts) < 2:
            return
        at = hosts.index(self._subject) if self._subject in hosts else -1
        self._look_at(hosts[(at + 1) % len(hosts)])
        self._view.timeline = Timeline(self._view.timeline.span)
        self._take_live()
        self._view.update_lines()
        self._ask()
