"""One line about the work under way, or about what just ended."""

from clonebox_tui.model.job import Job, JobState, Progress, StepState
from clonebox_tui.tui.presentation.amounts import duration, plural, size
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Run, Runs, clean

_BAR_CELLS = 12

STATE_INKS = {
    JobState.QUEUED: "dim",
    JobState.RUNNING: "accent",
    JobState.CANCELLING: "warn",
    JobState.CANCELLED: "warn",
    JobState.FAILED: "bad",
    JobState.ROLLED_BACK: "bad",
    JobState.SUCCEEDED: "ok",
}


def amount(progress: Progress) -> str:
    """How far a phase is, in its own unit: `31/48 packages`, `1.1 GiB of 2 GiB`."""
    if progress.unit == "bytes":
        done = size(int(progress.done))
        return f"{done} of {size(int(progress.total))}" if progress.total else done
    if progress.total:
        unit = "" if progress.unit in progress.phase else progress.unit
        return f"{progress.done:.0f}/{progress.total:.0f} {unit}".rstrip()
    return f"{progress.done:.0f} {progress.unit}" if progress.done and progress.unit else ""


def progress_text(progress: Progress) -> str:
    """Phase, amount and time left."""
    parts = [f"{clean(progress.phase)} {amount(progress)}".strip()]
    if progress.eta_seconds is not None:
        parts.append(f"{duration(progress.eta_seconds)} left")
    return " · ".join(part for part in parts if part)


def phase_of(job: Job) -> str:
    """What a job is doing: its progress, else its running step, else its state."""
    if job.progress is not None:
        return progress_text(job.progress)
    step = next((each for each in job.steps if each.state in (StepState.RUNNING, StepState.UNDOING)), None)
    return clean(step.title) if step else job.state.value


def fraction_of(job: Job) -> float:
    """0–1; from the steps while the phase's own total is not known."""
    if job.progress is not None and job.progress.fraction is not None:
        return job.progress.fraction
    done = sum(1 for step in job.steps if step.state is StepState.DONE)
    return done / len(job.steps) if job.steps else 0.0


def running_runs(jobs: tuple[Job, ...], glyphs: Glyphs) -> Runs:
    """The line while jobs run: the oldest, and how many more."""
    job = jobs[0]
    runs: list[Run] = [
        (" ", "text"),
        (glyphs.bar(fraction_of(job), _BAR_CELLS), STATE_INKS[job.state]),
        (f" {clean(job.title)}", "text"),
        (f": {phase_of(job)}", "dim"),
    ]
    if len(jobs) > 1:
        runs.append((f"   {glyphs.more} {plural(len(jobs) - 1, 'more job')}", "accent"))
    return tuple(runs)


def ended_runs(job: Job, glyphs: Glyphs) -> Runs:
    """The line when a job has just ended."""
    good = job.state is JobState.SUCCEEDED
    mark = glyphs.done if good else glyphs.failed
    runs: list[Run] = [(f" {mark} ", STATE_INKS[job.state]), (clean(job.title), "text")]
    runs.append((f" · {job.state.value}", STATE_INKS[job.state]))
    if job.started_at is not None and job.ended_at is not None:
        runs.append((f" · {duration(job.ended_at - job.started_at)}", "dim"))
    if job.problem is not None and not good:
        runs.append((f" · {clean(job.problem.what)}", "bad"))
    return tuple(runs)
