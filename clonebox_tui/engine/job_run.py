"""One job from its first step to its end: forward, or back again by the undo of every begun step."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from clonebox_tui.engine.act import Step, StepRun, can_go_back
from clonebox_tui.engine.breakage import explained
from clonebox_tui.engine.journal import Journal
from clonebox_tui.engine.patience import through_losses
from clonebox_tui.model.job import JobState, JobStep, StepState
from clonebox_tui.model.problem import Code, Problem, ProblemError

_log = logging.getLogger(__name__)

_BEGUN = frozenset({StepState.RUNNING, StepState.DONE, StepState.FAILED, StepState.UNDOING})


CANCELLED = Problem(
    Code.CANCELLED,
    "The job was cancelled.",
    next="Start it again when you want it: what it had done was undone.",
)


class JobRun:
    """Does steps under a journal. `cancel` may come at any time, also before and after."""

    def __init__(self, journal: Journal, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock
        self._working: asyncio.Task[None] | None = None
        self._past_return = False
        self.going_back = False
        self.cancel_asked = False

    def cancel(self) -> None:
        """Stop the running step and go back; too late once the job goes back already, or cannot."""
        self.cancel_asked = True
        if self._working is not None and not self.going_back and not self._past_return:
            self._working.cancel()

    async def forward(
        self, steps: Sequence[Step], result: Callable[[], Awaitable[dict[str, object]]]
    ) -> None:
        """Do all steps, or undo those begun; the job has ended when this returns."""
        await self._journal.become(
            state=JobState.RUNNING, started_at=self._clock(), progress=None, steps=_shown(steps)
        )
        await self.go_on(steps, result)

    async def go_on(
        self, steps: Sequence[Step], result: Callable[[], Awaitable[dict[str, object]]], note: str = ""
    ) -> None:
        """Do all steps that are not done yet, or undo those begun; the job has ended when this returns."""
        done = {each.name for each in self._journal.job.steps if each.state is StepState.DONE}
        try:
            for step in steps:
                if step.name not in done:
                    await self._do(step)
            outcome = await self._outcome(result)
        except ProblemError as error:
            await self.back(steps, error.problem, note)
        else:
            made = outcome.get("machine", "")
            # A clone's machine did not exist when the job began.
            machine = self._journal.job.machine or (made if isinstance(made, str) else "")
            noted = {"note": note} if note else {}
            await self.finish(JobState.SUCCEEDED, result=outcome, machine=machine, **noted)

    async def back(self, steps: Sequence[Step], cause: Problem | None, note: str = "") -> None:
        """Undo every begun step, last one first, and end the job. No cancel reaches what runs here."""
        self.going_back = True
        states = {each.name: each.state for each in self._journal.job.steps}
        begun = [step for step in steps if states.get(step.name) in _BEGUN]
        undoable = [step for step in reversed(begun) if not step.final]
        left = [trouble for step in undoable if (trouble := await self._undo(step))]
        open_ends = [step for step in begun if step.final and states[step.name] is not StepState.DONE]
        left += [f"Begun, and perhaps not finished: “{step.title}”." for step in open_ends]
        if left and cause is None:
            cause = Problem(
                Code.INTERNAL,
                "The job was not finished and could not be undone entirely.",
                next="See what is left in `clonebox-tui job show ID`, and remove it by hand.",
            )
        if left and cause is not None:
            cause = Problem(cause.code, cause.what, cause.why, cause.next, (*cause.details, *left))
        state = self._end_of(steps, bool(left))
        await self.finish(state, problem=cause, **({"note": note} if note else {}))

    def _end_of(self, steps: Sequence[Step], left: bool) -> JobState:
        if left:
            return JobState.FAILED
        if self.cancel_asked:
            return JobState.CANCELLED
        # An act that knows no way back was not rolled back: it failed, plainly.
        return JobState.ROLLED_BACK if can_go_back(steps, self._journal.job.steps) else JobState.FAILED

    async def _do(self, step: Step) -> None:
        if self.cancel_asked and not self._past_return:
            raise ProblemError(CANCELLED)
        await self._mark(step, StepState.RUNNING)
        self._tell_what_runs(step)
        self._past_return = self._past_return or step.final
        failure = await self._attempt(step.do)
        if failure is not None and step.final:
            # It bears to run again, and half of it is worse than none: what failed may be over by now.
            failure = await self._attempt(step.do)
        if failure is not None:
            await self._mark_if_possible(step, StepState.FAILED)
            raise ProblemError(failure)
        await self._mark(step, StepState.DONE)

    def _tell_what_runs(self, step: Step) -> None:
        """The log keeps the call as it was planned, for whoever asks later what was really run."""
        for what, text in (("run", step.call), ("like", step.equivalent)):
            if text:
                self._journal.log(f"  {what}: {' '.join(text.splitlines())}")

    async def _outcome(self, result: Callable[[], Awaitable[dict[str, object]]]) -> dict[str, object]:
        found: list[dict[str, object]] = []

        async def keep(_run: StepRun) -> None:
            found.append(await result())

        failure = await self._attempt(keep)
        if failure is not None:
            raise ProblemError(failure)
        return found[0]

    async def _undo(self, step: Step) -> str:
        """Undo one step; a sentence about what is left when that fails."""
        await self._mark_if_possible(step, StepState.UNDOING)

        async def undo(run: StepRun) -> None:
            await through_losses(lambda: step.undo(run), run.progress)

        failure = await self._attempt(undo)
        if failure is None:
            await self._mark_if_possible(step, StepState.UNDONE)
            return ""
        self._journal.log(f"undo of {step.name} failed: {failure.what} {failure.why}".rstrip())
        await self._mark_if_possible(step, StepState.FAILED)
        return f"Left from “{step.title}”: {failure.what} {failure.why}".rstrip()

    async def _mark(self, step: Step, state: StepState) -> None:
        """Write it down; what cannot be is a failure as long as there is a way back."""
        if self._past_return:
            await self._mark_if_possible(step, state)
        else:
            await self._journal.mark(step.name, state)

    async def _mark_if_possible(self, step: Step, state: StepState) -> None:
        """A store that cannot be written holds up no undo: the next worker would only undo once more."""
        try:
            await self._journal.mark(step.name, state)
        except ProblemError as error:
            _log.error("the journal could not be written", extra={"why": error.problem.why})

    async def _attempt(self, work: Callable[[StepRun], Awaitable[None]]) -> Problem | None:
        """Run a step's function in a task of its own, so that a cancel reaches it and nothing else."""
        self._working = asyncio.ensure_future(_as_task(work, self._journal))
        if self.cancel_asked and not self.going_back and not self._past_return:
            self._working.cancel()
        await asyncio.wait([self._working])
        task, self._working = self._working, None
        if task.cancelled():
            return CANCELLED
        error = task.exception()
        if error is None:
            return None
        if not isinstance(error, ProblemError):
            _log.error("a step broke", exc_info=error)
        return explained(error)

    async def finish(self, state: JobState, **fields: object) -> None:
        """End the job, in this state and with these fields."""
        self.going_back = True
        try:
            await self._journal.become(state=state, ended_at=self._clock(), progress=None, **fields)
        except ProblemError as error:
            # It has ended all the same; the next worker finds it open and says so again.
            _log.error("the job's end could not be written", extra={"why": error.problem.why})
            self._journal.say(None)


async def _as_task(work: Callable[[StepRun], Awaitable[None]], run: StepRun) -> None:
    await work(run)


def _shown(steps: Sequence[Step]) -> tuple[JobStep, ...]:
    return tuple(JobStep(step.name, step.title) for step in steps)
