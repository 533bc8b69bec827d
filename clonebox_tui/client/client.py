"""The typed client of front ends: calls, notifications, streams; finds a lost worker again by itself."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from clonebox_tui.client.approaching import Way, way_to
from clonebox_tui.client.caller import here, other_version, placed, read_only
from clonebox_tui.client.early import Early
from clonebox_tui.client.events import Event, LinkBack, LinkLost, Listener
from clonebox_tui.client.introducing import introduced
from clonebox_tui.client.link import LOST, STOPPED, Link
from clonebox_tui.client.spawn import is_as_wanted
from clonebox_tui.client.waiting import JobWaiters
from clonebox_tui.model.job import Job
from clonebox_tui.model.notifications import JobsChanged, Leaving, Samples
from clonebox_tui.model.opening import (
    CONNECT,
    FLEET,
    WATCH,
    Connect,
    Context,
    Fleet,
    Method,
    Nothing,
    OpenedStream,
    Watch,
    Welcome,
)
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem

if TYPE_CHECKING:
    from clonebox_tui.client.stream import Stream
    from clonebox_tui.model.acts import Act

P = TypeVar("P")
R = TypeVar("R")

_RETRY_FIRST_SECONDS = 0.1
_RETRY_LAST_SECONDS = 5.0
_ATTEMPTS = 5
"""A worker may leave just when it is reached; five of them do not."""
_LINK_WAIT_SECONDS = 10.0
"""How long a call waits for a lost worker to come back before it fails."""


class Client:
    """One front end's connection. Make it with `connect`; every method raises ProblemError.

    Listeners are called on the event loop's thread, in the order things came; they must be quick.
    """

    welcome: Welcome
    other_demo = False
    """Whether somebody uses a demo of another size or fleet than was asked for: it stays as it is."""

    def __init__(self, approach: Callable[[bool], Way], readonly: bool, far: bool) -> None:
        self.readonly = readonly
        self._approach = approach
        self._far = far
        self._listeners: list[Listener] = []
        self._waiters = JobWaiters()
        self._uris: tuple[str, ...] = ()
        self._watch: Watch | None = None
        self._last_event: int | None = None
        self._link: Link | None = None
        self._up = asyncio.Event()
        self._stopped = False
        self._again = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._first_fleet: asyncio.Future[Fleet] | None = None

    @classmethod
    async def connect(
        cls,
        places: Places,
        *,
        spawn: bool = True,
        demo: bool = False,
        worker_arguments: Sequence[str] = (),
        uris: Sequence[str] = (),
        readonly: bool = False,
        host: str = "",
        early: Early | None = None,
    ) -> "Client":
        """Reach the worker, starting one unless `spawn` is off, and introduce this front end.

        `worker_arguments` go to a worker that has to be started; `uris` are wanted besides its own
        connections; `host` (ssh://user@server) has the worker, where it is not this one. What `early.begin`
        was given is given here, too. WORKER_UNAVAILABLE, VERSION_MISMATCH; HOST_KEY_… and others of a host.
        """
        arguments = (*(["--demo"] if demo else []), *worker_arguments)
        client = cls(lambda start: way_to(places, arguments, spawn and start, host), readonly, bool(host))
        client._uris = tuple(uris)
        client._watch = Watch(samples=False) if early is not None else None
        await client._join(early)
        if demo and spawn and not is_as_wanted(client.welcome.arguments, worker_arguments):
            await client._replace()
        client._keeper = asyncio.create_task(client._keep(), name="worker link")
        return client

    # -- asking ------------------------------------------------------------------------------------

    async def call(self, method: Method[P, R], params: P, timeout: float | None = None) -> R:
        """Call a method of `model.rpc`; TIMED_OUT after `timeout` seconds, READ_ONLY before sending."""
        self.may(method)
        try:
            async with asyncio.timeout(timeout):
                return await (await self._linked()).ask(method, self._placed(params))
        except TimeoutError as error:
            what = f"The worker did not answer {method.name} within {timeout:g} s."
            again = "Try again; `clonebox-tui worker status` tells how it is."
            raise problem(Code.TIMED_OUT, what, next=again) from error

    async def fleet(self) -> Fleet:
        """All machines; the first time it is what was asked for before or while connecting."""
        first, self._first_fleet = self._first_fleet, None
        if first is not None:
            return await first
        if self._uris:
            return await self.call(CONNECT, Connect(self._uris))
        return await self.call(FLEET, Nothing())

    async def watch(self, wanted: Watch) -> None:
        """Choose the notifications to receive; said again by itself after a loss of the worker."""
        self._watch = wanted
        await self.call(WATCH, wanted)

    async def open_stream(self, method: Method[P, OpenedStream], params: P) -> "Stream":
        """Call a method that opens a stream; close it, or read it to its end."""
        self.may(method)
        return await (await self._linked()).open(method, self._placed(params))

    async def run(self, act: "Act", fingerprint: str = "", context: Context | None = None) -> Job:
        """Start an act as a job; `context` is this process's own unless given."""
        from clonebox_tui.model.rpc import RUN, RunAct

        return await self.call(RUN, RunAct(act, fingerprint, context or here()))

    async def wait(self, job_id: str) -> Job:
        """The job once it has ended, whatever its end; a loss of the worker meanwhile is borne."""
        ended = self._waiters.expect(job_id)
        if self._watch is None:
            self._watch = Watch(samples=False)
            await self._despite_loss(WATCH, self._watch)
        await self._waiters.look_at(job_id, self._job)
        return await ended

    async def _job(self, job_id: str) -> Job:
        from clonebox_tui.model.rpc import JOB, OnJob

        return await self._despite_loss(JOB, OnJob(job_id))

    async def _despite_loss(self, method: Method[P, R], params: P) -> R:
        """Call what only reads, again if the worker went away before it answered."""
        for _ in range(_ATTEMPTS):
            try:
                return await self.call(method, params)
            except ProblemError as error:
                if error.problem is not LOST:
                    raise
        raise ProblemError(LOST)

    # -- hearing -----------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called for every notification and change of the link; call the result to end it.

        Only what `watch` asked for comes (an `early` connection has asked for everything but samples).
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def start_again(self) -> None:
        """Start the worker that a person stopped."""
        self._stopped = False
        self._again.set()

    async def close(self) -> None:
        """Hang up; jobs run on in the worker."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._link is not None:
            self._link.close()
            await asyncio.wait([self._link.lost])
        self._waiters.fail(LOST)

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _tell(self, event: Event) -> None:
        if isinstance(event, JobsChanged):
            self._waiters.note(event.jobs)
        self._stopped = self._stopped or isinstance(event, Leaving)
        if not isinstance(event, Samples | LinkLost | LinkBack | Leaving):
            self._last_event = getattr(event, "event", self._last_event)
        for listener in tuple(self._listeners):
            listener(event)

    # -- the link ----------------------------------------------------------------------------------

    def may(self, method: Method[P, R]) -> None:
        """Raises READ_ONLY or VERSION_MISMATCH when it changes something and this front end may not."""
        if self.readonly and method.changes:
            raise read_only(method.name)
        if self._far and method.changes and not self.welcome.may_change:
            raise other_version(self.welcome)

    async def _linked(self) -> Link:
        if self._link is not None and self._link.lost.done():
            self._up.clear()  # The keeper has not run since; it sets it again.
        if self._stopped and not self._up.is_set():
            raise ProblemError(STOPPED)
        try:
            async with asyncio.timeout(_LINK_WAIT_SECONDS):
                await self._up.wait()
        except TimeoutError as error:
            raise ProblemError(LOST) from error
        assert self._link is not None  # noqa: S101 `_up` says so
        return self._link

    async def _join(self, early: Early | None = None) -> None:
        """Connect, introduce, and say again what was asked before."""
        for _ in range(_ATTEMPTS):
            attempt = early or Early(self._approach(not self._stopped), None, b"")
            known = await introduced(attempt, self._uris, self._watch, self._tell)
            if known is not None:
                first_time = self._link is None and (self._watch is not None or bool(self._uris))
                self._first_fleet = known.fleet if first_time else None
                self._link, self.welcome, self._stopped = known.link, known.welcome, False
                self._up.set()
                return
            # It was about to leave, or was killed: another one takes its place.
            early = None
            await asyncio.sleep(_RETRY_FIRST_SECONDS)
        raise ProblemError(LOST)

    async def _replace(self) -> None:
        """Have a demo of another size, or another fleet, begin anew; one that is in use stays."""
        from clonebox_tui.model.rpc import STATUS, STOP, StopWorker

        status = await self.call(STATUS, Nothing())
        if status.clients > 1 or status.jobs_running or self._link is None:
            self.other_demo = True
            return
        await self.call(STOP, StopWorker())
        await asyncio.wait([self._link.lost])
        self._up.clear()
        self._link, self._stopped = None, False
        await self._join()

    def _placed(self, params: P) -> P:
        return placed(params, self.welcome) if self._far else params

    async def _keep(self) -> None:
        """Hold the link: whenever it is lost, tell, and join a worker again."""
        while self._link is not None:
            # `wait`, since cancelling this task must not cancel the future itself.
            await asyncio.wait([self._link.lost])
            self._up.clear()
            self._tell_lost(LOST)
            await self._rejoin()
            self._tell(LinkBack(self.welcome))
            if self._waiters:
                await self._waiters.look_again(self._job)

    async def _rejoin(self) -> None:
        pause = _RETRY_FIRST_SECONDS
        if self._watch is not None:
            self._watch = Watch(self._watch.samples, self._watch.detail, self._last_event)
        while True:
            try:
                return await self._join()
            except (ProblemError, OSError) as error:
                self._tell_lost(error.problem if isinstance(error, ProblemError) else LOST)
            self._again.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._again.wait(), pause)
            pause = min(_RETRY_LAST_SECONDS, pause * 2)

    def _tell_lost(self, failure: Problem) -> None:
        if self._stopped:
            self._waiters.fail(STOPPED)
        self._tell(LinkLost(STOPPED if self._stopped else failure, self._stopped))
