"""Keeps the session fed: connects, takes the fleet, hears the news, and notes when the worker is lost."""

import asyncio
from collections.abc import Awaitable, Callable

from clonebox_tui.client import Event, LinkBack, LinkLost
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import JOBS, Nothing, Notification, Samples
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.wire import Wire

_RETRY_SECONDS = 2.0
_FIGURES_AFTER_SECONDS = 0.1


class Linking:
    """`keep` runs as long as the app; `changed` and `link_changed` are called on its event loop."""

    def __init__(
        self,
        session: Session,
        connect: Callable[[], Awaitable[Wire]],
        changed: Callable[[Changes], None],
        link_changed: Callable[[bool], None],
    ) -> None:
        self._session = session
        self._connect = connect
        self._changed = changed
        self._link_changed = link_changed
        self._found = asyncio.Event()
        self._wire: Wire | None = None

    async def keep(self) -> None:
        """Connect, then ask for everything whenever there is a worker (again)."""
        wire = await self._reach()
        self._wire = self._session.wire = wire
        stop = wire.listen(self._heard)
        self._found.set()
        try:
            while True:
                await self._found.wait()
                self._found.clear()
                await self._take_all(wire)
        finally:
            stop()
            await wire.close()

    async def _reach(self) -> Wire:
        while True:
            try:
                return await self._connect()
            except ProblemError as error:
                self._lost(error)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _take_all(self, wire: Wire) -> None:
        try:
            self._changed(self._session.take_fleet(await wire.fleet()))
            jobs = await wire.call(JOBS, Nothing())
            self._session.trouble = jobs.trouble
            self._changed(self._session.take_jobs(jobs.jobs))
        except ProblemError as error:
            self._session.worker_trouble = error.problem.what
            return
        self._back()

    def _heard(self, event: Event) -> None:
        if isinstance(event, LinkLost):
            self._lost(ProblemError(event.problem))
        elif isinstance(event, LinkBack):
            self._session.wire = self._wire
            self._found.set()
        elif isinstance(event, Samples) and not self._session.loaded:
            # The list first: of thousands of machines the figures cost as much as their names.
            asyncio.get_running_loop().call_later(_FIGURES_AFTER_SECONDS, self._take, event)
        else:
            self._take(event)

    def _take(self, news: Notification) -> None:
        self._changed(self._session.apply(news))

    def _lost(self, error: ProblemError) -> None:
        session = self._session
        session.wire = None
        session.worker_trouble = error.problem.why or error.problem.what
        if session.worker_lost_at is None:
            session.worker_lost_at = session.clock()
        self._link_changed(False)

    def _back(self) -> None:
        lost, self._session.worker_lost_at = self._session.worker_lost_at, None
        self._session.worker_trouble = ""
        if lost is not None:
            self._link_changed(True)
