"""All jobs: which, how far, what they logged; to cancel, and to do again."""

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from clonebox_tui.model.filtering import compile_filter
from clonebox_tui.model.job import Job
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import CANCEL, JOB_LOG, OnJob
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.job_text import job_lines, job_row, logged
from clonebox_tui.tui.presentation.runs import Runs, clean
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.widgets.bars import KeyBar, KeyHint
from clonebox_tui.tui.widgets.prompt_line import Asked, PromptLine, put_line
from clonebox_tui.tui.widgets.row_view import RowView
from clonebox_tui.tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from textual.worker import WorkType


_BESIDE_CELLS = 100
"""With less room the text of a job stands below the list."""


class JobList(RowView):
    """Jobs, newest first."""

    def __init__(self, session: Session, glyphs: Glyphs) -> None:
        super().__init__(id="job-list", classes="pane")
        self._session = session
        self._glyphs = glyphs
        self.filter_text = ""
        self.border_title = "Jobs"

    def list_jobs(self) -> str:
        """Those of the session that the filter lets through; tells what is wrong with it."""
        accepts, fault = compile_filter(self.filter_text)
        newest = sorted(self._session.jobs.values(), key=lambda job: job.created_at, reverse=True)
        shown = [job for job in newest if accepts(f"{job.title} {job.act} {job.state.value}")]
        self.show([job.id for job in (shown if self.filter_text else newest)])
        search = f"  /{self.filter_text}".replace("[", r"\[") if self.filter_text else ""
        self.border_title = f"Jobs{f' {len(newest)}' if newest else ''}{search}"
        live = f"{len(self._session.live_jobs)} under way" if self._session.live_jobs else ""
        self.border_subtitle = f"{len(shown)} of {len(newest)}" if self.filter_text else live
        return fault

    def set_filter(self, text: str) -> str:
        """Show only jobs whose title, act or state match."""
        self.filter_text = text
        return self.list_jobs()

    def runs_of(self, row: str, width: int) -> Runs:
        """One job."""
        return job_row(self._session.jobs[row], width, self._session.clock(), self._glyphs)

    def empty_runs(self, y: int, width: int) -> Runs:
        """Nothing was ever done."""
        del width
        lines: list[Runs] = [
            (),
            ((" No job yet.", "strong"),),
            (),
            ((" What is started, stopped, cloned or", "dim"),),
            ((" restored stands here, with its log.", "dim"),),
        ]
        return lines[y] if y < len(lines) else ()


class JobsScreen(FullScreen):
    """List on the left, the job under the cursor on the right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "cancel_job", "cancel the job", show=False),
        Binding("r", "again", "do it again", show=False),
        Binding("y", "copy", "copy", show=False),
        Binding("J", "leave", "back", show=False),
        Binding("slash", "filter", "filter", show=False),
    ]

    def __init__(self, session: Session, glyphs: Glyphs) -> None:
        super().__init__()
        self._session = session
        self._list = JobList(session, glyphs)
        self._text = TextView((), id="job-text", classes="pane")
        self._logs: dict[str, tuple[str, ...]] = {}
        self._glyphs = glyphs
        self._keys = KeyBar(self._hints)

    def compose(self) -> ComposeResult:
        """List and text."""
        yield TitleBar("jobs")
        with Horizontal(id="jobs-body"):
            yield self._list
            yield self._text
        yield self._keys

    def _hints(self) -> list[KeyHint]:
        if not self._session.jobs:
            return [("esc", "back")]
        job, may = self._session.jobs.get(self._list.cursor), not self._session.readonly
        act = [("r", "do again") if job.state.ended else ("c", "cancel")] if job and may else []
        return [
            ("j k", "move"),
            *act,
            ("/", "filter"),
            ("tab", "list or text"),
            ("y", "copy"),
            ("esc", "back"),
        ]

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other, or with little room one above the other."""
        self.set_class(event.size.width < _BESIDE_CELLS, "-narrow")

    def on_mount(self) -> None:
        """Show what is known."""
        self._text.border_title = "Job"
        self._relist()
        self._list.focus()
        self.set_interval(1.0, self._again)

    def heard(self, changes: Changes) -> None:
        """News came while this screen is open."""
        if changes.jobs and self.is_mounted:
            self._relist()
            self._again()

    def _relist(self) -> None:
        self._list.list_jobs()
        if self._list.rows and not self._logs:
            self._show(self._list.cursor)

    def _again(self) -> None:
        job = self._session.jobs.get(self._list.cursor)
        self._list.redraw(self._list.rows)
        if (job is not None and not job.state.ended) or (
            job is not None and self._text_of(job) != self._shown
        ):
            self._show(job.id)

    _shown: tuple[Runs, ...] = ()

    @on(RowView.Moved)
    def _moved(self, event: RowView.Moved) -> None:
        if event.row:
            self._show(event.row)

    def _show(self, job: str) -> None:
        self._draw(job)
        work: WorkType[None] = self._ask_log
        self.run_worker(work, group="job-log", exclusive=True)

    def _text_of(self, job: Job) -> tuple[Runs, ...]:
        log = self._logs.get(job.id, ())
        return tuple(job_lines(job, log, self._session.clock(), self._glyphs))

    def action_filter(self) -> None:
        """Ask which jobs to show."""
        if not self.query(PromptLine):
            asked = Asked("jobs-filter", "/", self._list.filter_text, self._list.set_filter)
            put_line(self, asked)

    @on(PromptLine.Ended)
    def _filtered(self) -> None:
        self._list.focus()

    def action_leave(self) -> None:
        """First out of the filter, then back to the cockpit."""
        if self._list.filter_text:
            self._list.set_filter("")
        else:
            super().action_leave()

    def _draw(self, job_id: str) -> None:
        job = self._session.jobs.get(job_id)
        if job is not None:
            self._shown = self._text_of(job)
            self._text.border_title = clean(job.title).replace("[", r"\[")
            self._text.put(self._shown)
        self._keys.update_lines()

    async def _ask_log(self) -> None:
        job = self._list.cursor
        try:
            answer = await self._session.call(JOB_LOG, OnJob(job))
        except ProblemError:
            return
        self._logs[job] = tuple(map(logged, answer.lines))
        if self._list.cursor == job:
            self._draw(job)

    def action_cancel_job(self) -> None:
        """Ask the job to stop and to undo what it did."""
        from clonebox_tui.tui.face import Face

        job = self._session.jobs.get(self._list.cursor)
        face = self.app
        if job is None or not isinstance(face, Face):
            return
        if job.state.ended:
            face.tell(f"“{job.title}” has ended: {job.state.value}.")
        elif self._session.readonly:
            face.tell("Nothing is changed: started with --readonly.")
        else:
            self.run_worker(self._cancel(job, face.tell, face.tell_problem), group="cancel")

    async def _cancel(self, job: Job, tell: object, tell_problem: object) -> None:
        try:
            await self._session.call(CANCEL, OnJob(job.id))
        except ProblemError as error:
            if callable(tell_problem):
                tell_problem(error.problem)
            return
        if callable(tell):
            tell(f"“{job.title}” is being cancelled; what it did is undone.")

    def action_again(self) -> None:
        """Ask for the same once more: its plan for the world as it is now is shown first."""
        from clonebox_tui.tui.face import Face

        job = self._session.jobs.get(self._list.cursor)
        face = self.app
        if job is None or not isinstance(face, Face):
            return
        if not job.state.ended:
            face.tell(f"“{job.title}” has not ended.", "It can be cancelled: c")
        elif self._session.readonly:
            face.tell("Nothing is changed: started with --readonly.")
        else:
            face.cockpit.acting.again(job)

    def action_copy(self) -> None:
        """The text of the job."""
        from clonebox_tui.tui.face import Face

        if isinstance(self.app, Face):
            self.app.copy_visibly(self._text.plain_text)
