"""A job in full, and as a row: steps, problem, and the log, which has the exact calls."""

import time
from collections.abc import Sequence

from clonebox_tui.model.job import Job, JobState, StepState
from clonebox_tui.model.log import LogLine
from clonebox_tui.tui.presentation.amounts import duration
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.job_line import STATE_INKS, fraction_of, progress_text
from clonebox_tui.tui.presentation.problem_text import problem_lines
from clonebox_tui.tui.presentation.runs import Runs, clean, fit

_STEP_INKS = {
    StepState.PENDING: "dim",
    StepState.RUNNING: "accent",
    StepState.DONE: "ok",
    StepState.FAILED: "bad",
    StepState.UNDOING: "warn",
    StepState.UNDONE: "warn",
}


_WORDY_CELLS = 64


def _mark(state: StepState, glyphs: Glyphs) -> str:
    marks = {
        StepState.DONE: glyphs.done,
        StepState.FAILED: glyphs.failed,
        StepState.PENDING: glyphs.pending,
        StepState.UNDONE: glyphs.undone,
    }
    return marks.get(state, glyphs.busy)


def job_row(job: Job, width: int, now: float, glyphs: Glyphs) -> Runs:
    """A job in a list: state, title, how long ago."""
    age = duration(now - job.created_at)
    ink = STATE_INKS[job.state]
    state = f"{fraction_of(job) * 100:.0f}%" if not job.state.ended and job.started_at else job.state.value
    mark = glyphs.busy if not job.state.ended else glyphs.done if ink == "ok" else glyphs.failed
    # In little room a mark that says the same must do, so that what the job is about can be read.
    narrow = width < _WORDY_CELLS
    said = "" if narrow and job.state is JobState.SUCCEEDED else f" {state:>{0 if narrow else 11}} "
    room = width - 3 - len(said) - 12
    return (
        (f" {mark} ", ink),
        (fit(clean(job.title), room), "text"),
        (said, ink),
        (f"{age:>7} ago ", "dim"),
    )


def logged(line: LogLine) -> str:
    """A line of a job's log with its time of day."""
    moment = time.strftime("%H:%M:%S ", time.localtime(line.time)) if line.time is not None else ""
    return f"{moment}{line.text}"


def job_lines(job: Job, log: Sequence[str], now: float, glyphs: Glyphs) -> list[Runs]:
    """Everything known of a job."""
    took = (job.ended_at or now) - (job.started_at or job.created_at)
    lines: list[Runs] = [
        ((job.state.value, STATE_INKS[job.state]), (f" · {duration(took)}", "dim"), (f" · {job.id}", "dim")),
    ]
    if job.progress is not None and not job.state.ended:
        lines.append(
            ((glyphs.bar(fraction_of(job), 24), "accent"), (f" {progress_text(job.progress)}", "text"))
        )
    if job.note:
        lines.append(((clean(job.note), "warn"),))
    lines += [(), *_steps(job, glyphs)]
    if job.problem is not None:
        lines += [(), *problem_lines(job.problem)]
    if log:
        lines += [(), (("log", "dim"),), *(((f"  {clean(line)}", "text"),) for line in log)]
    return lines


def _steps(job: Job, glyphs: Glyphs) -> list[Runs]:
    return [
        (
            (f"{_mark(step.state, glyphs)} ", _STEP_INKS[step.state]),
            (clean(step.title), "text"),
            *([(" · undone", "dim")] if step.state is StepState.UNDONE else []),
        )
        for step in job.steps
    ]
