"""A job's progress on standard error: a line that moves on a terminal, a line per step and 5 % elsewhere."""

import os
import sys
from types import TracebackType

from clonebox_tui.cli.output import shown, size
from clonebox_tui.client import Client, Event
from clonebox_tui.model.job import Job, Progress, StepState
from clonebox_tui.model.rpc import JobsChanged

_STEP_PERCENT = 5
_MOVING = (StepState.RUNNING, StepState.UNDOING)


def progress_text(progress: Progress) -> str:
    """`installing packages, 31 of 48 packages, 64 %, 12 s left`."""
    parts = [progress.phase]
    if progress.total:
        parts.append(f"{_number(progress.done, progress.unit)} of {_amount(progress.total, progress.unit)}")
        parts.append(f"{100 * (progress.fraction or 0):.0f} %")
    elif progress.done >= 1:
        parts.append(_amount(progress.done, progress.unit))
    if progress.eta_seconds is not None:
        parts.append(f"{progress.eta_seconds:.0f} s left")
    return ", ".join(parts)


def _amount(value: float, unit: str) -> str:
    return size(value) if unit == "bytes" else f"{value:.0f} {unit}".rstrip()


def _number(value: float, unit: str) -> str:
    """An amount whose unit the next word tells."""
    return size(value) if unit == "bytes" else f"{value:.0f}"


class Follower:
    """While entered, tells on standard error how one job goes."""

    def __init__(self, job: Job, client: Client, quiet: bool = False) -> None:
        self._id = job.id
        self._moving = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._said = ""
        self._bucket: tuple[str, int] = ("", -1)
        self._quiet = quiet
        self._client = client

    def __enter__(self) -> "Follower":
        self._forget = self._client.listen(self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget()
        if self._moving and self._said:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _hear(self, event: Event) -> None:
        if self._quiet or not isinstance(event, JobsChanged):
            return
        for job in event.jobs:
            if job.id == self._id and not job.state.ended:
                self._tell(job)

    def _tell(self, job: Job) -> None:
        step = next(
            (each.title for each in job.steps if each.state in (StepState.RUNNING, StepState.UNDOING)), ""
        )
        parts = (step, progress_text(job.progress) if job.progress else "")
        line = shown(": ".join(part for part in parts if part), err=True)
        if not line or line == self._said:
            return
        if self._moving:
            sys.stderr.write(f"\r\x1b[K{line[:200]}")
        elif not self._new_bucket(step, job.progress):
            return
        else:
            sys.stderr.write(f"{line}\n")
        self._said = line
        sys.stderr.flush()

    def _new_bucket(self, step: str, progress: Progress | None) -> bool:
        fraction = progress.fraction if progress else None
        phase = progress.phase if progress else ""
        bucket = (f"{step}/{phase}", int(100 * (fraction or 0)) // _STEP_PERCENT)
        changed = bucket != self._bucket
        self._bucket = bucket
        return changed
