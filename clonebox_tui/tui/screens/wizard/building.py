"""The last step: the clone runs as a job; leaving the screen keeps it running."""

from functools import partial
from typing import TYPE_CHECKING

from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import CANCEL, JOB_LOG, RUN, OnJob, RunAct
from clonebox_tui.tui.presentation.job_text import logged
from clonebox_tui.tui.presentation.runs import Runs, clean
from clonebox_tui.tui.screens.wizard.panes import BuildPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clonebox_tui.model.plan import Plan
    from clonebox_tui.tui.screens.wizard.screen import WizardScreen

_BUILD = 4
_LOOK_SECONDS = 1.0


class Building:
    """What happens from the yes to the machine."""

    def __init__(self, screen: "WizardScreen") -> None:
        self._screen = screen
        self._log: tuple[str, ...] = ()
        self.beginning = False
        """Whether the worker was asked to run the plan, and has not answered."""

    @property
    def job(self) -> Job | None:
        """The clone's job."""
        return self._screen.session.jobs.get(self._screen.draft.job)

    @property
    def ended(self) -> bool:
        """Whether it is over, one way or the other."""
        return self.job is not None and self.job.state.ended

    @property
    def hints(self) -> "Sequence[tuple[str, str]]":
        """Keys that apply now."""
        if self.ended:
            return (("enter", "to the cockpit"), ("j k", "scroll"), ("esc", "to the cockpit"))
        return BuildPane.hints

    def take(self) -> None:
        """Run the plan, once."""
        draft = self._screen.draft
        if draft.plan is not None and not draft.job and not self.beginning:
            self.beginning = True
            self._screen.work(partial(self._run, draft.plan), "run")

    async def _run(self, plan: "Plan") -> None:
        screen = self._screen
        try:
            job = await screen.session.call(RUN, RunAct(screen.act, plan.fingerprint))
        finally:
            self.beginning = False
        screen.draft.job = job.id
        if job.id not in screen.session.jobs:
            screen.session.take_jobs((job,))
        screen.show(_BUILD)

    def begin(self) -> None:
        """The pane has opened."""
        self.renew()
        self._screen.set_interval(_LOOK_SECONDS, self._look)
        self._look()

    def _look(self) -> None:
        if self._screen.draft.step == _BUILD:
            self._screen.work(self._ask_log, "log")

    async def _ask_log(self) -> None:
        answer = await self._screen.session.call(JOB_LOG, OnJob(self._screen.draft.job))
        self._log = tuple(map(logged, answer.lines))
        self.renew()

    def renew(self) -> None:
        """Draw the job as it is."""
        pane, job, screen = self._screen.pane, self.job, self._screen
        if isinstance(pane, BuildPane) and job is not None:
            pane.show_job(job, self._log, screen.session.clock(), [*self._load(job), *_ending(job)])
            screen.renew_keys()

    def _load(self, job: Job) -> list[Runs]:
        """What the new machine does, once it runs."""
        reading = self._screen.session.readings.get(job.machine)
        if job.state.ended or reading is None or reading.cpu_percent is None:
            return []
        levels = self._screen.session.sparks.of(job.machine)
        sparks = "".join(self._screen.face.glyphs.sparks[each] if each < 8 else " " for each in levels)
        return [(), (("guest cpu ", "dim"), (f"{reading.cpu_percent:3.0f}% ", "text"), (sparks, "cpu"))]

    async def cancel(self) -> None:
        """Ask the job to stop and undo what it did."""
        try:
            await self._screen.session.call(CANCEL, OnJob(self._screen.draft.job))
        except ProblemError as error:
            self._screen.face.tell_problem(error.problem)

    def choose_machine(self) -> None:
        """Put the cockpit's cursor on the new machine."""
        job = self.job
        machine = str((job.result or {}).get("machine", "")) if job is not None else ""
        if machine:
            self._screen.face.cockpit.machine_list.put_cursor(machine)


def _ending(job: Job) -> list[Runs]:
    if not job.state.ended:
        return []
    if job.state is not JobState.SUCCEEDED:
        return [(), (("Nothing of it is left. esc leads back.", "dim"),)]
    result = job.result or {}
    lines: list[Runs] = [(), ((f"{clean(job.name) or 'The machine'} is ready.", "ok"),)]
    lines += [(("! ", "warn"), (clean(str(lack)), "warn")) for lack in _listed(result.get("lacks"))]
    if result.get("ssh"):
        lines.append((("enter it with  ", "dim"), (f"clonebox-tui ssh {clean(job.name)}", "accent")))
    return lines


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
