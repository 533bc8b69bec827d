"""Jobs: work the worker does, kept with its steps, progress and end."""

from enum import StrEnum

import msgspec

from clonebox_tui.model.problem import Problem


class JobState(StrEnum):
    """`cancelled` and `rolled-back` only once everything done was undone (`failed`: it could not be)."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FAILED = "failed"
    ROLLED_BACK = "rolled-back"
    SUCCEEDED = "succeeded"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self not in (JobState.QUEUED, JobState.RUNNING, JobState.CANCELLING)


class StepState(StrEnum):
    """Life of one step of a job."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class JobStep(msgspec.Struct, frozen=True):
    """One step as shown; `name` is stable, `title` is for people."""

    name: str
    title: str
    state: StepState = StepState.PENDING


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far the running phase is. `total` None: unknown. `unit`: bytes, packages, steps, seconds …"""

    phase: str
    done: float = 0
    total: float | None = None
    unit: str = ""
    rate: float | None = None
    """Units a second, derived by the worker."""
    eta_seconds: float | None = None

    @property
    def fraction(self) -> float | None:
        """0–1, or None while the total is unknown."""
        return None if not self.total else min(1.0, self.done / self.total)


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """A job at one moment."""

    id: str
    act: str
    """The act's tag, e.g. `machine.clone`."""
    title: str
    state: JobState
    created_at: float
    machine: str = ""
    """Machine id; empty for jobs about none (yet)."""
    name: str = ""
    """Name of what it is about: the machine's, or the image's."""
    started_at: float | None = None
    ended_at: float | None = None
    steps: tuple[JobStep, ...] = ()
    progress: Progress | None = None
    problem: Problem | None = None
    result: dict[str, object] | None = None
    """What the act returns, e.g. {"machine": id} for a clone."""
    note: str = ""
    """What recovery did, where the worker died under the job; otherwise empty."""
