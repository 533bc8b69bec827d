"""One act on several machines: planned for each, asked once, run side by side, and told once at the end."""

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Problem, ProblemError
from clonebox_tui.model.rpc import PLAN, RUN, PlanAct, RunAct
from clonebox_tui.tui.presentation.amounts import plural

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit

_AT_ONCE = 8
"""Plans asked for side by side: some look at every disk."""


class Planned(msgspec.Struct, frozen=True):
    """What an act would do to one machine, or why it cannot be done there."""

    machine: Machine
    act: Act
    plan: Plan | None
    problem: Problem | None = None


class Batch:
    """Jobs started together. `waits_for` takes their ends; the last one tells how all went."""

    def __init__(self, cockpit: "Cockpit", verb: str) -> None:
        self._cockpit = cockpit
        self._verb = verb
        self._running: set[str] = set()
        self._ended: list[Job] = []
        self._refused: list[tuple[str, Problem]] = []
        self._begun = False

    @classmethod
    async def perform(cls, cockpit: "Cockpit", acts: Mapping[Machine, Act], verb: str) -> None:
        """Plan, ask, run; ends once all jobs have begun."""
        from clonebox_tui.tui.screens.bulk import BulkScreen

        planned = await _planned(cockpit, acts)
        chosen = await cockpit.app.push_screen_wait(BulkScreen(verb, planned))
        if chosen:
            await cls(cockpit, verb)._run(chosen)

    async def _run(self, chosen: tuple[Planned, ...]) -> None:
        self._cockpit.acting.batches.append(self)
        for each in chosen:
            if each.plan is None:
                continue
            try:
                job = await self._cockpit.session.call(RUN, RunAct(each.act, each.plan.fingerprint))
            except ProblemError as error:
                self._refused.append((each.machine.name, error.problem))
                continue
            self._running.add(job.id)
            known = self._cockpit.session.jobs.get(job.id)
            if known is None:
                self._cockpit.changed(self._cockpit.session.take_jobs((job,)))
            elif known.state.ended:
                self.take_end(known)
        self._begun = True
        self._tell_when_over()

    def take_end(self, job: Job) -> bool:
        """A job has ended; tells whether it was one of these."""
        if job.id not in self._running:
            return False
        self._running.discard(job.id)
        self._ended.append(job)
        self._tell_when_over()
        return True

    def _tell_when_over(self) -> None:
        if self._running or not self._begun or self not in self._cockpit.acting.batches:
            return
        self._cockpit.acting.batches.remove(self)
        well = [job for job in self._ended if job.state is JobState.SUCCEEDED]
        done = f"{self._verb}: {plural(len(well), 'machine')} done"
        if len(well) == len(self._ended) and not self._refused:
            self._cockpit.face.tell(f"{done}.")
            return
        from clonebox_tui.tui.screens.outcome import OutcomeScreen

        title = f"{done}, {len(self._ended) - len(well) + len(self._refused)} not"
        self._cockpit.app.push_screen(OutcomeScreen(title, self._failures(), [job.name for job in well]))

    def _failures(self) -> dict[tuple[str, str], list[str]]:
        """Names of machines by what went wrong and what to do next."""
        grouped: dict[tuple[str, str], list[str]] = {}
        for name, problem in self._refused:
            grouped.setdefault(_words(problem, name), []).append(name)
        for job in self._ended:
            if job.state is not JobState.SUCCEEDED:
                words = _words(job.problem, job.name) if job.problem else (f"It was {job.state.value}.", "")
                grouped.setdefault(words, []).append(job.name)
        return grouped


def _words(problem: Problem, name: str) -> tuple[str, str]:
    """The same words for the same fault of different machines."""
    text = f"{problem.what.removesuffix('.')}: {problem.why}" if problem.why else problem.what
    return unnamed(text, name, "the machine"), unnamed(problem.next, name, "M")


def unnamed(text: str, name: str, instead: str) -> str:
    """The text with `instead` where it names the machine; a name is found as a whole word only."""
    return re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", lambda _: instead, text)


async def _planned(cockpit: "Cockpit", acts: Mapping[Machine, Act]) -> tuple[Planned, ...]:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def plan(machine: Machine, act: Act) -> Planned:
        async with turns:
            try:
                found: Plan = await cockpit.session.call(PLAN, PlanAct(act))
            except ProblemError as error:
                return Planned(machine, act, None, error.problem)
            return Planned(machine, act, found)

    return tuple(await asyncio.gather(*(plan(machine, act) for machine, act in acts.items())))
