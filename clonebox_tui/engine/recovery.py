"""What becomes of a job whose worker died: undone, unless nothing can take back what it had begun.

Then (a deletion) it is finished; finished in name only, when all of it had been done.
"""

from collections.abc import Sequence

from clonebox_tui.engine.act import Handler, Step, can_go_back
from clonebox_tui.engine.breakage import explained
from clonebox_tui.engine.job_run import JobRun
from clonebox_tui.engine.journal import Journal
from clonebox_tui.engine.patience import through_losses
from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import JobState, StepState
from clonebox_tui.model.problem import Code, Problem, ProblemError

_DIED = "the worker died under this job"


async def recover(handler: Handler[Act], act: Act, run: JobRun, journal: Journal, begun: bool) -> None:
    """Bring the job of a dead worker to an end; `note` then says what was done. It has ended afterwards."""
    if not begun:
        await run.finish(
            JobState.FAILED, problem=_died("Nothing of it had begun."), note=f"{_DIED} before it began"
        )
        return
    try:
        steps = await through_losses(lambda: handler.steps(act, journal.memory), journal.progress)
        if _all_done(journal, steps):
            result = await handler.result(act, journal.memory)
            await run.finish(JobState.SUCCEEDED, result=result, note=f"{_DIED} after its last step")
            return
        if _past_return(journal, steps):
            await run.go_on(
                steps, lambda: handler.result(act, journal.memory), f"{_DIED}; the rest of it was done then"
            )
            return
    except (ProblemError, OSError) as error:
        await run.finish(
            JobState.FAILED, problem=explained(error), note=f"{_DIED}; what it did could not be undone"
        )
        return
    undone = can_go_back(steps, journal.job.steps)
    note = f"{_DIED}; what it had done was undone" if undone else f"{_DIED}; how far it came is not known"
    await run.back(steps, _died("Look at the machine before trying again." if not undone else ""), note)


def _all_done(journal: Journal, steps: Sequence[Step]) -> bool:
    done = {each.name for each in journal.job.steps if each.state is StepState.DONE}
    return bool(steps) and all(step.name in done for step in steps)


def _past_return(journal: Journal, steps: Sequence[Step]) -> bool:
    begun = {each.name for each in journal.job.steps if each.state in (StepState.RUNNING, StepState.DONE)}
    return any(step.final and step.name in begun for step in steps)


def _died(next_step: str) -> Problem:
    return Problem(Code.INTERNAL, "The worker died under this job.", next=next_step)
