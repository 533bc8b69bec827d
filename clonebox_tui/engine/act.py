"""How an act is done: planned, then run step by step, each step knowing its undo.

A handler is stateless; everything a step learns that its undo (perhaps in another process, after a
crash) needs goes through `StepRun.remember` *before* the effect. `steps` must give the same list for
the same act and memory, since recovery rebuilds it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import JobStep, StepState
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.rpc import Context

A_contra = TypeVar("A_contra", contravariant=True)


class StepRun(Protocol):
    """What a running step may use of its job."""

    @property
    def job_id(self) -> str:
        """The job's id, good as part of names of temporary things."""

    @property
    def memory(self) -> Mapping[str, object]:
        """What the steps of this job remembered so far; JSON values."""

    async def remember(self, **facts: object) -> None:
        """Write facts to the journal, durably, before the effect they describe."""

    def progress(self, phase: str, done: float = 0, total: float | None = None, unit: str = "") -> None:
        """Tell how far the step is; rate and ETA are derived, repeated calls are cheap."""

    def log(self, line: str) -> None:
        """Add a line to the job's log."""


async def _nothing(_run: StepRun) -> None:
    """The undo of a step whose effect needs none."""


@dataclass(frozen=True)
class Step:
    """One step. `undo` must bear that `do` never began, stopped half way, or that it ran already.

    A `final` step is one that nothing can take back: once it was begun, the next worker does not undo the
    job of a dead one but goes on with it, so its `do` must bear that it ran already, too.
    What an `aside` step does is beside the act itself: its undo takes back nothing of the act.
    """

    name: str
    title: str
    do: Callable[[StepRun], Awaitable[None]]
    undo: Callable[[StepRun], Awaitable[None]] = field(default=_nothing)
    call: str = ""
    equivalent: str = ""
    final: bool = False
    aside: bool = False

    @property
    def has_undo(self) -> bool:
        """Whether going back does anything for this step."""
        return self.undo is not _nothing

    def planned(self) -> PlanStep:
        """The step as a line of a plan."""
        return PlanStep(self.name, self.title, self.call, self.equivalent)


def can_go_back(steps: Sequence[Step], shown: Sequence[JobStep]) -> bool:
    """Whether undoing what was begun takes the act back: one without a way back, only before it begins."""
    own = [step for step in steps if not step.aside]
    begun = {each.name for each in shown if each.state is not StepState.PENDING}
    untouched = len(own) < len(steps) and not any(step.name in begun for step in own)
    return untouched or any(step.has_undo for step in own)


class Handler(Protocol[A_contra]):
    """Does one kind of act."""

    def lane(self, act: A_contra) -> str:
        """Jobs of one lane run one after the other; usually the machine's id."""

    async def plan(self, act: A_contra, context: Context | None) -> Plan:
        """What would be done now; raises the reason when it cannot be. Changes nothing."""

    async def steps(self, act: A_contra, memory: Mapping[str, object]) -> Sequence[Step]:
        """The steps of the act, in order."""

    async def result(self, act: A_contra, memory: Mapping[str, object]) -> dict[str, object]:
        """What the finished job returns."""


Handlers = Mapping[type[Act], Handler[Any]]
"""Handlers by the type of act they do (`Any`: no type can say that each takes its own key's act)."""
