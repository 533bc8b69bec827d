"""What a running job writes down: each step's intent before its effect, and what its undo will need."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from clonebox_tui.engine import failpoints
from clonebox_tui.engine.progress import Meter
from clonebox_tui.model.job import Job, JobStep, Progress, StepState
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.store.jobs import JobStore, JournalEntry

LINES_KEPT = 1_000
LINE_LENGTH = 4_096
"""A job's log is bounded in lines and in characters a line; the rest is left out, visibly."""


class Journal:
    """One job as it is, on disk and in memory; also what its steps see of it (`StepRun`)."""

    def __init__(
        self,
        store: JobStore,
        job: Job,
        changed: Callable[[Job, bool], None],
        clock: Callable[[], float] = time.time,
        memory: Mapping[str, object] | None = None,
    ) -> None:
        """`changed` hears of every change; its flag tells whether it is more than progress."""
        self.job = job
        self._store = store
        self._changed = changed
        self._clock = clock
        self._memory: dict[str, object] = dict(memory or {})
        self._step = ""
        self._meter = Meter()
        self._unwritten: list[LogLine] = []
        self._began = 0.0
        self._phase = ""
        self._line_count = 0

    # -- what a step may use -------------------------------------------------------------------------

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self.job.id

    @property
    def memory(self) -> Mapping[str, object]:
        """What was remembered so far."""
        return MappingProxyType(self._memory)

    async def remember(self, **facts: object) -> None:
        """Write facts down, durably; what could not be written is not remembered either."""
        before = dict(self._memory)
        self._memory.update(msgspec.to_builtins(facts))
        try:
            await self._write(self._step, StepState.RUNNING)
        except ProblemError:
            self._memory.clear()
            self._memory.update(before)
            raise

    def progress(self, phase: str, done: float = 0, total: float | None = None, unit: str = "") -> None:
        """Tell how far the step is."""
        if phase != self._phase:
            self._phase = phase
            self.log(f"  {phase}")
        self._replace(progress=self._meter.told(phase, done, total, unit))
        self._changed(self.job, False)

    def log(self, line: str) -> None:
        """Add a line to the job's log."""
        self._line_count += 1
        if self._line_count <= LINES_KEPT:
            text = line if len(line) <= LINE_LENGTH else line[: LINE_LENGTH - 1] + "…"
            self._unwritten.append(LogLine(self._clock(), text))
        elif self._line_count == LINES_KEPT + 1:
            self._unwritten.append(LogLine(self._clock(), f"… more than {LINES_KEPT} lines: left out"))

    # -- what runs it uses ---------------------------------------------------------------------------

    @property
    def unwritten(self) -> tuple[LogLine, ...]:
        """Lines that are not on disk yet."""
        return tuple(self._unwritten)

    async def mark(self, step: str, state: StepState) -> None:
        """Write that a step came to `state`; returns when that is durable."""
        steps = tuple(
            JobStep(each.name, each.title, state) if each.name == step else each for each in self.job.steps
        )
        if state is StepState.RUNNING:
            self._step, self._began, self._phase = step, self._clock(), ""
        self._replace(steps=steps, progress=None)
        await self._write(step, state)
        self._tell(step, state)
        if state is not StepState.RUNNING:  # a step's beginning can be written with its end: one write less
            await self._write_lines()
        self._changed(self.job, True)

    async def become(self, **fields: object) -> None:
        """Change the job itself (state, times, problem …), durably."""
        self._replace(**fields)
        await self._write_lines()
        failpoints.reached(f"before {self.job.state.value}")
        await self._store.update(self.job)
        failpoints.reached(f"after {self.job.state.value}")
        self._changed(self.job, True)

    def say(self, progress: Progress | None) -> None:
        """Show something in place of the steps' own progress."""
        self._replace(progress=progress)
        self._changed(self.job, True)

    def _tell(self, name: str, state: StepState) -> None:
        """The log tells the job's story: which step, and how long it took."""
        names = [each.name for each in self.job.steps]
        if name not in names:
            return
        number = names.index(name)
        what = f"{number + 1}/{len(names)} {self.job.steps[number].title}"
        took = f"{self._clock() - self._began:.1f} s"
        ends = {StepState.RUNNING: "", StepState.DONE: f": done in {took}", StepState.FAILED: ": failed",
                StepState.UNDOING: ": is undone", StepState.UNDONE: ": undone"}  # fmt: skip
        if state in ends:
            self.log(f"{what}{ends[state]}")

    async def _write(self, step: str, state: StepState) -> None:
        entry = JournalEntry(step, state, dict(self._memory), self._clock())
        failpoints.reached(f"before {step} {state.value}")
        await self._store.note(self.job, entry)
        failpoints.reached(f"after {step} {state.value}")

    async def _write_lines(self) -> None:
        if self._unwritten:
            await self._store.add_lines(self.job.id, self._unwritten)
            self._unwritten = []

    def _replace(self, **fields: object) -> None:
        # At once, so that two changes under way at the same time do not undo one another; told when durable.
        self.job = msgspec.structs.replace(self.job, **fields)
