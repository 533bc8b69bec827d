"""All jobs: one lane a machine, kept and listed, cancelled by request, recovered after a crash."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from weakref import WeakValueDictionary

import msgspec

from clonebox_tui.engine import failpoints
from clonebox_tui.engine.act import Handler, Handlers
from clonebox_tui.engine.breakage import explained
from clonebox_tui.engine.current_job import current_job
from clonebox_tui.engine.job_list import JOBS_KEPT, JobList, Subscriber, fresh_id
from clonebox_tui.engine.job_run import CANCELLED, JobRun
from clonebox_tui.engine.journal import Journal
from clonebox_tui.engine.orphans import end_orphans
from clonebox_tui.engine.recovery import recover
from clonebox_tui.model.acts import Act, KillMachine, StopMachine, tag
from clonebox_tui.model.job import Job, JobState, Progress
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.secrets import without_secrets
from clonebox_tui.store.jobs import JobStore, KeptJob, last_memory

_log = logging.getLogger(__name__)


class _Active:
    """A job that has not ended."""

    def __init__(self, act: Act, lane: str, journal: Journal, run: JobRun) -> None:
        self.act = act
        self.lane = lane
        self.journal = journal
        self.run = run
        self.task: asyncio.Task[None] | None = None
        self.waits_in_lane = True
        self.ended = asyncio.Event()


class JobRunner:
    """Runs acts as jobs. Lives on one event loop."""

    def __init__(self, store: JobStore, handlers: Handlers, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._handlers = handlers
        self._clock = clock
        self._list = JobList()
        self._active: dict[str, _Active] = {}
        self._lanes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._may_recover = asyncio.Event()
        self._closing = False

    # -- asking --------------------------------------------------------------------------------------

    async def plan(self, act: Act, context: Context | None) -> Plan:
        """What an act would do."""
        return await self._handler(act).plan(act, context)

    async def run(
        self, act: Act, fingerprint: str = "", context: Context | None = None, job_id: str = ""
    ) -> Job:
        """Start an act; behind others of its lane it is queued. PLAN_STALE, MACHINE_BUSY, and the plan's."""
        self._refuse(act)
        handler = self._handler(act)
        plan = await handler.plan(act, context)
        _check(plan, fingerprint)
        self._refuse(act)
        now = self._clock()
        job = Job(
            job_id or fresh_id(), tag(act), plan.title, JobState.QUEUED, now, plan.machine, plan.name
        )  # fmt: skip
        active = self._begin(job, act, handler.lane(act))
        try:
            failpoints.reached("before queued")
            await self._store.add(KeptJob(job, active.lane, without_secrets(act)))
            failpoints.reached("after queued")
        except BaseException:
            self._finish(active)
            self._list.drop(job.id)
            raise
        self._go(active, self._work(active, fingerprint, context))
        if isinstance(act, KillMachine):  # Who pulls the plug does not wait for the guest to obey any more.
            for each in [*self._active.values()]:
                if each.lane == active.lane and isinstance(each.act, StopMachine):
                    await self.cancel(each.journal.job_id)
        await self._forget_older()
        await asyncio.sleep(0)  # A task that never began could not clean up after a cancel.
        return self._list.get(job.id)

    async def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; it says `cancelled` by itself once all is undone."""
        job = self.job(job_id)
        active = self._active.get(job.id)
        if active is None or active.run.cancel_asked or active.run.going_back:
            return job
        active.run.cancel_asked = True
        if active.waits_in_lane and active.task is not None:
            active.task.cancel()
            await active.ended.wait()
        else:
            await active.journal.become(state=JobState.CANCELLING)
            active.run.cancel()
        return self._list.get(job.id)

    def jobs(self) -> tuple[Job, ...]:
        """All jobs that are kept, newest first."""
        return self._list.all()

    def job(self, job_id: str) -> Job:
        """A job by its id or a unique prefix; JOB_NOT_FOUND, AMBIGUOUS."""
        return self._list.get(job_id)

    async def lines(self, job_id: str) -> tuple[LogLine, ...]:
        """What a job logged."""
        job = self.job(job_id)
        kept = await self._store.lines(job.id)
        active = self._active.get(job.id)
        return kept + (active.journal.unwritten if active else ())

    @property
    def running(self) -> int:
        """How many jobs have not ended."""
        return len(self._active)

    async def wait(self, job_id: str) -> Job:
        """The job once it has ended."""
        job = self.job(job_id)
        if job.id in self._active:
            await self._active[job.id].ended.wait()
        return self._list.get(job.id)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear of changes, progress at a bounded rate; call the answer to stop."""
        return self._list.subscribe(subscriber)

    # -- life ----------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Read the jobs that are kept. Those that a dead worker left take their lanes again, before any
        new one, and wait for `recover`."""
        for kept in await self._store.newest(JOBS_KEPT):
            self._list.keep(kept.job)
            if not kept.job.state.ended:
                journal = await self._store.journal(kept.job.id)
                active = self._begin(kept.job, kept.act, kept.lane, last_memory(journal))
                active.waits_in_lane = False
                active.run.going_back = True
                self._go(active, self._recover(active, bool(journal)))
        await asyncio.sleep(0)  # They take their lanes in this order.

    def recover(self) -> None:
        """Bring to an end what a dead worker left; call it once the connections were tried."""
        self._may_recover.set()

    async def close(self) -> None:
        """Refuse new jobs, cancel those that run, and return when all has been undone. What was to be
        recovered and had not begun is left to the next worker."""
        self._closing = True
        tasks = [active.task for active in self._active.values() if active.task is not None]
        if not self._may_recover.is_set():
            for active in self._active.values():
                if active.run.going_back and active.task is not None:
                    active.task.cancel()
        for job_id in list(self._active):
            await self.cancel(job_id)
        if tasks:
            await asyncio.wait(tasks)

    # -- inside --------------------------------------------------------------------------------------

    def _begin(self, job: Job, act: Act, lane: str, memory: Mapping[str, object] | None = None) -> _Active:
        journal = Journal(self._store, job, self._list.changed, self._clock, memory)
        self._active[job.id] = active = _Active(act, lane, journal, JobRun(journal, self._clock))
        self._list.changed(job, True)
        return active

    def _go(self, active: _Active, work: Coroutine[object, object, None]) -> None:
        async def rooted() -> None:
            current_job.set(active.journal.job_id)
            try:
                await work
            except asyncio.CancelledError:
                _log.info("left to the next worker")
            except Exception as error:  # noqa: BLE001 the root of a lane: a job must end, whatever broke
                _log.exception("a job broke")
                self._broke(active, error)
            finally:
                self._finish(active)

        active.task = asyncio.create_task(rooted(), name=f"job {active.journal.job_id}")

    async def _work(self, active: _Active, fingerprint: str, context: Context | None) -> None:
        lock = self._lane(active.lane)
        queued = lock.locked()
        if queued:
            self._say_what_it_waits_for(active)
        try:
            async with lock:
                active.waits_in_lane = False
                await self._execute(active, fingerprint, context, queued)
        except asyncio.CancelledError:
            if not active.waits_in_lane:
                raise
            await active.journal.become(
                state=JobState.CANCELLED, ended_at=self._clock(), progress=None, problem=CANCELLED
            )

    async def _execute(
        self, active: _Active, fingerprint: str, context: Context | None, queued: bool
    ) -> None:
        handler, journal = self._handler(active.act), active.journal
        _log.info("job begins", extra={"act": journal.job.act, "title": journal.job.title})
        try:
            if queued or fingerprint:
                # Under the lane now: nothing else changes this machine any more.
                _check(await handler.plan(active.act, context), fingerprint)
            steps = await handler.steps(active.act, journal.memory)
        except (ProblemError, OSError) as error:
            await active.run.finish(JobState.FAILED, problem=explained(error))
        else:
            await active.run.forward(steps, lambda: handler.result(active.act, journal.memory))
        _log.info("job ended", extra={"state": journal.job.state.value})

    async def _recover(self, active: _Active, begun: bool) -> None:
        async with self._lane(active.lane):
            await self._may_recover.wait()
            _log.warning("the worker died under this job; bringing it to an end")
            await asyncio.to_thread(end_orphans, active.journal.job_id)
            await recover(self._handler(active.act), active.act, active.run, active.journal, begun)
            _log.info("job recovered", extra={"state": active.journal.job.state.value})

    def _broke(self, active: _Active, error: Exception) -> None:
        known = error.problem if isinstance(error, ProblemError) else None
        failure = known or Problem(
            Code.INTERNAL,
            "The job broke and was left as it is.",
            why=f"{type(error).__name__}: {error}",
            next="The worker's log has the details; the next worker will try to undo it.",
        )
        ended = {"state": JobState.FAILED, "ended_at": self._clock(), "problem": failure, "progress": None}
        active.journal.job = msgspec.structs.replace(active.journal.job, **ended)
        self._list.changed(active.journal.job, True)

    def _finish(self, active: _Active) -> None:
        self._active.pop(active.journal.job_id, None)
        active.ended.set()
        self._list.forget_older()

    async def _forget_older(self) -> None:
        try:
            await self._store.forget_older(JOBS_KEPT)
        except ProblemError as error:
            _log.error("old jobs could not be forgotten", extra={"why": error.problem.why})

    def _lane(self, lane: str) -> asyncio.Lock:
        lock = self._lanes.get(lane)
        if lock is None:
            self._lanes[lane] = lock = asyncio.Lock()
        return lock

    def _handler(self, act: Act) -> Handler[Act]:
        handler = self._handlers.get(type(act))
        if handler is None:
            restart = "Update the worker: `clonebox-tui worker restart`."
            raise problem(Code.NOT_SUPPORTED, f"Nothing here does {tag(act)}.", next=restart)
        return handler

    def _refuse(self, act: Act) -> None:
        if self._closing:
            raise problem(
                Code.WORKER_UNAVAILABLE, "The worker is leaving.", next="Try again: another one will start."
            )
        for active in self._active.values():
            if active.act == act:
                raise problem(
                    Code.MACHINE_BUSY,
                    "This is being done already.",
                    why=f"job {active.journal.job_id}: {active.journal.job.title}",
                    next="Wait for that job, or cancel it.",
                )

    def _say_what_it_waits_for(self, active: _Active) -> None:
        before = [each for each in self._active.values() if each.lane == active.lane and each is not active]
        if before:
            job = before[-1].journal.job
            active.journal.say(Progress(f"waits for job {job.id}: {job.title}"))


def _check(plan: Plan, fingerprint: str) -> None:
    if fingerprint and plan.fingerprint != fingerprint:
        raise problem(
            Code.PLAN_STALE,
            "Things changed since the plan was made, so nothing was done.",
            next="Look at the new plan and confirm again.",
        )
