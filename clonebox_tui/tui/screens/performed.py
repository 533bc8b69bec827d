"""What was really run: the last jobs with their logs, which have the exact calls, newest first."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import JOB_LOG, OnJob
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.job_text import job_lines, logged
from clonebox_tui.tui.presentation.runs import Runs, clean
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.text_view import TextView

_SHOWN_JOBS = 12


class PerformedScreen(FullScreen):
    """Of the selected machine when it has jobs, else of all."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", "copy", show=False)]

    def __init__(self, session: Session, glyphs: Glyphs) -> None:
        super().__init__()
        self._session = session
        self._glyphs = glyphs
        newest = sorted(session.jobs.values(), key=lambda job: job.created_at, reverse=True)
        mine = [job for job in newest if session.selected and job.machine == session.selected]
        self._jobs = (mine or newest)[:_SHOWN_JOBS]
        self._logs: dict[str, tuple[str, ...]] = {}

    def compose(self) -> ComposeResult:
        """One long text."""
        yield TitleBar("what was really run")
        yield TextView(self._lines(), id="performed")
        yield KeyBar(lambda: [("j k", "scroll"), ("y", "copy"), ("esc", "back")])

    def on_mount(self) -> None:
        """The logs come when they come."""
        self.query_one(TextView).focus()
        self.run_worker(self._ask(), group="performed")

    def _lines(self) -> list[Runs]:
        lines: list[Runs] = [] if self._jobs else [((" nothing was done yet", "dim"),)]
        for job in self._jobs:
            log = self._logs.get(job.id, ())
            lines.append(((clean(job.title), "strong"), (f"   {job.act}", "dim")))
            lines += map(_below, job_lines(job, log, self._session.clock(), self._glyphs))
            lines.append(())
        return lines

    async def _ask(self) -> None:
        for job in self._jobs:
            try:
                answer = await self._session.call(JOB_LOG, OnJob(job.id))
            except ProblemError:
                continue
            self._logs[job.id] = tuple(map(logged, answer.lines))
        self.query_one(TextView).put(self._lines())

    def action_copy(self) -> None:
        """All of it."""
        from clonebox_tui.tui.face import Face

        if isinstance(self.app, Face):
            self.app.copy_visibly(self.query_one(TextView).plain_text)


def _below(line: Runs) -> Runs:
    """The line below its job's title; what is folded of it stands below its text, and not left of it."""
    return ((f"  {line[0][0]}", line[0][1]), *line[1:]) if line else ()
