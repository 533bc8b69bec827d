"""The list of what was done, kept up from the jobs themselves: a worker that died forgets nothing of it.

A deed is undone by a job of its own, planned for the world as it is now. Whoever does something new after
an undo gives up what could have been redone.
"""

import asyncio
import time
from collections.abc import Callable

from msgspec.structs import replace

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.job_list import fresh_id
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.engine.undo.opposites import opposite, why_never
from clonebox_tui.model.acts import (
    Act,
    DeleteMachine,
    PauseMachine,
    PurgeMachine,
    ResumeMachine,
    StartMachine,
    StopMachine,
)
from clonebox_tui.model.connection import Link
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import split_id
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem
from clonebox_tui.model.undo import Deed, OnDeed, PlannedUndo, Undo
from clonebox_tui.store.deeds import DeedStore, KeptDeed
from clonebox_tui.store.jobs import JobStore

REACH_SECONDS = 7 * 86_400.0
"""What was done longer ago is not taken back by a key."""

_FOR_GOOD = (Code.MACHINE_NOT_FOUND, Code.SNAPSHOT_NOT_FOUND, Code.PLAN_STALE, Code.FILE_NOT_FOUND)
"""Reasons that no waiting changes."""

_OF_STATE = (StartMachine, StopMachine, PauseMachine, ResumeMachine)


class History:
    """What was done lately. One caller at a time; the others wait."""

    def __init__(
        self,
        store: DeedStore,
        jobs: JobRunner,
        acts: JobStore,
        fleet: Fleet,
        clock: Callable[[], float] = time.time,
        since: float = 0.0,
    ) -> None:
        """What was done before `since` (UNIX seconds) is left out: its world is gone."""
        self._since = since
        self._store = store
        self._jobs = jobs
        self._acts = acts
        self._fleet = fleet
        self._clock = clock
        self._kept: dict[str, KeptDeed] | None = None
        self._one = asyncio.Lock()

    async def deeds(self) -> tuple[Deed, ...]:
        """All, newest first; also those that nothing takes back, with the reason."""
        async with self._one:
            return tuple(kept.deed for kept in self._newest_first(await self._caught_up()))

    async def plan(self, wanted: OnDeed) -> PlannedUndo:
        """What an undo (or a redo) would do now. WRONG_STATE, JOB_NOT_FOUND, and what its plan refuses."""
        async with self._one:
            kept = await self._chosen(wanted)
            try:
                plan = await self._jobs.plan(_act(kept, wanted.redo), None)
            except ProblemError as error:
                raise await self._refused(kept, error.problem, wanted.redo) from error
        word, other = ("Redo", "undo") if wanted.redo else ("Undo", "redo")
        undo = f"Take that back: `clonebox-tui {other}`."
        notes = (f"What is done for it: {plan.title}.", *plan.notes)
        return PlannedUndo(
            kept.deed, replace(plan, title=f"{word} “{kept.deed.title}”", undo=undo, notes=notes)
        )

    async def run(self, wanted: Undo) -> Job:
        """Begin it, as a job. The same, PLAN_STALE, MACHINE_BUSY."""
        async with self._one:
            kept = await self._chosen(OnDeed(wanted.deed, wanted.redo))
            act, job_id = _act(kept, wanted.redo), fresh_id()
            # Before it begins: a job that outlived its worker would else count as a deed of its own.
            await self._keep(replace(kept, pending=job_id, jobs=(*kept.jobs, job_id)))
            try:
                return await self._jobs.run(act, wanted.fingerprint, job_id=job_id)
            except ProblemError as error:
                await self._keep(kept)
                stale = error.problem.code is Code.PLAN_STALE and wanted.fingerprint
                raise error if stale else await self._refused(kept, error.problem, wanted.redo) from error

    # -- choosing ------------------------------------------------------------------------------------

    async def _chosen(self, wanted: OnDeed) -> KeptDeed:
        known = self._newest_first(await self._caught_up())
        if wanted.deed:
            found = [each for each in known if each.deed.id.startswith(wanted.deed)]
            if len(found) != 1:
                code = Code.AMBIGUOUS if found else Code.JOB_NOT_FOUND
                raise problem(
                    code,
                    f"{'Several deeds begin' if found else 'No deed begins'} with {wanted.deed}.",
                    next="See what was done: `clonebox-tui history`.",
                )
            return _fit(found[0], wanted.redo)
        fit = [each for each in known if not _unfit(each, wanted.redo)]
        if not fit:
            at_work = [each for each in known if each.pending]
            word = "redo" if wanted.redo else "undo"
            raise problem(
                Code.WRONG_STATE,
                f"There is nothing to {word}.",
                why=f"“{at_work[0].deed.title}” is just being changed." if at_work else "",
                next="See what was done: `clonebox-tui history`.",
            )
        return fit[-1] if wanted.redo else fit[0]

    async def _refused(self, kept: KeptDeed, cause: Problem, redo: bool) -> ProblemError:
        word = "done again" if redo else "undone"
        connection = self._fleet.connections.get(split_id(kept.deed.machine)[0])
        up = connection is not None and connection.link is Link.UP
        # Somebody started, stopped or paused it since: there is nothing left to take back.
        moot = cause.code is Code.WRONG_STATE and isinstance(_act(kept, redo), _OF_STATE)
        if not up or not (cause.code in _FOR_GOOD or moot):
            what = f"“{kept.deed.title}” cannot be {word} now."
            return ProblemError(replace(cause, what=what, why=f"{cause.what} {cause.why}".strip()))
        why = f"The world is another by now: {cause.what} {cause.why}".strip()
        await self._keep(replace(kept, deed=replace(kept.deed, why_not=why)))
        return problem(
            cause.code,
            f"“{kept.deed.title}” cannot be {word} any more.",
            why=why,
            next="It is passed over from now on; what was done before it can still be undone.",
        )

    # -- keeping up ----------------------------------------------------------------------------------

    async def _caught_up(self) -> dict[str, KeptDeed]:
        if self._kept is None:
            self._kept = {each.deed.id: each for each in await self._store.all()}
        for each in [each for each in self._kept.values() if each.pending]:
            await self._settle(each)
        oldest = max(self._since, self._clock() - REACH_SECONDS)
        own = {job for each in self._kept.values() for job in each.jobs}
        for job in reversed(self._jobs.jobs()):
            done = job.state is JobState.SUCCEEDED and (job.ended_at or 0.0) > oldest
            if done and job.id not in self._kept and job.id not in own:
                await self._add(job)
        await self._forget_old(oldest)
        return self._kept

    async def _add(self, job: Job) -> None:
        act = await self._acts.act(job.id)
        back = opposite(act, job.result or {}) if act is not None else None
        at = job.ended_at or job.created_at
        settled = [each for each in self._all if not each.pending]
        if back is not None:  # something new was done: what was undone stays so
            await self._give_up([each for each in settled if each.deed.undone], _OVER)
        if isinstance(act, DeleteMachine | PurgeMachine):
            moot = [each for each in settled if _needed(each) == act.machine and not each.deed.why_not]
            await self._give_up(moot, f"{job.name or 'The machine'} was deleted for good since.")
        why = "" if back is not None else why_never(job.act)
        deed = Deed(job.id, job.title, job.act, at, job.machine, job.name, why_not=why)
        await self._keep(KeptDeed(deed, back))

    async def _settle(self, kept: KeptDeed) -> None:
        """The job that was to take it back, or to do it again, has ended; or nobody knows it any more."""
        try:
            job = self._jobs.job(kept.pending)
        except ProblemError:
            await self._keep(replace(kept, pending=""))
            return
        if not job.state.ended:
            return
        if job.state is not JobState.SUCCEEDED:
            await self._keep(replace(kept, pending=""))
            return
        redo = kept.deed.undone
        again = opposite(_act(kept, redo), job.result or {})
        deed = replace(kept.deed, undone=not redo)
        ways = {"back": again} if redo else {"forth": again}
        await self._keep(replace(kept, deed=deed, pending="", **ways))

    @property
    def _all(self) -> list[KeptDeed]:
        return list((self._kept or {}).values())

    async def _keep(self, kept: KeptDeed) -> None:
        if self._kept is not None:
            self._kept[kept.deed.id] = kept
        await self._store.keep(kept)

    async def _give_up(self, deeds: list[KeptDeed], why: str) -> None:
        """They stay known, since their jobs are, as deeds that are over."""
        for each in deeds:
            await self._keep(replace(each, deed=replace(each.deed, why_not=why)))

    async def _forget_old(self, oldest: float) -> None:
        old = [each.deed.id for each in self._all if each.deed.done_at <= oldest and not each.pending]
        if old:
            self._kept = {id: each for id, each in (self._kept or {}).items() if id not in old}
            await self._store.forget(old)

    @staticmethod
    def _newest_first(kept: dict[str, KeptDeed]) -> list[KeptDeed]:
        return sorted(kept.values(), key=lambda each: each.deed.done_at, reverse=True)


_OVER = "It was undone, and something else was done after that."


def _needed(kept: KeptDeed) -> str:
    """The machine without which it can be neither undone nor redone."""
    return str(getattr(kept.forth if kept.deed.undone else kept.back, "machine", ""))


def _act(kept: KeptDeed, redo: bool) -> Act:
    act = kept.forth if redo else kept.back
    if act is None:
        raise problem(
            Code.NOT_SUPPORTED,
            f"“{kept.deed.title}” cannot be {'done again' if redo else 'undone'}.",
            why=kept.deed.why_not,
            next="See what was done: `clonebox-tui history`.",
        )
    return act


def _unfit(kept: KeptDeed, redo: bool) -> str:
    """Why this one is not to be undone (or redone); empty when it may be."""
    if kept.deed.why_not:
        return kept.deed.why_not
    if kept.pending:
        return "That is being done."
    if kept.deed.undone is not redo:
        return "It was not undone." if redo else "It was undone already."
    return "" if (kept.forth if redo else kept.back) is not None else "Nothing does that."


def _fit(kept: KeptDeed, redo: bool) -> KeptDeed:
    why = _unfit(kept, redo)
    if why:
        what = f"“{kept.deed.title}” cannot be {'done again' if redo else 'undone'}."
        raise problem(Code.WRONG_STATE, what, why, "See what was done: `clonebox-tui history`.")
    return kept
