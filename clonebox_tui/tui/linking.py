"""Keeps the session fed: connects, takes the fleet, hears the news, and notes when the worker is lost."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from clonebox_tui.client import Event, LinkBack, LinkLost
from clonebox_tui.model.notifications import FleetChanged, News
from clonebox_tui.model.opening import FLEET, JOBS, Fleet, Nothing, Watch
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.tui.session import Changes, Session

if TYPE_CHECKING:
    from clonebox_tui.tui.wire import Wire

_RETRY_SECONDS = 2.0
_DRAWN_SECONDS = 1.0
"""How long the rest waits for the first picture, which may be covered by another screen."""


class Linking:
    """`keep` runs as long as the app; `changed` and `link_changed` are called on its event loop."""

    def __init__(
        self,
        session: Session,
        connect: "Callable[[], Awaitable[Wire]]",
        changed: Callable[[Changes], None],
        link_changed: Callable[[bool], None],
    ) -> None:
        self._session = session
        self._connect = connect
        self._changed = changed
        self._link_changed = link_changed
        self._found = asyncio.Event()
        self.drawn = asyncio.Event()
        """Set it when the first picture is on the terminal: what costs time comes after it."""
        self._overtaking: list[FleetChanged] | None = None
        self._wire: Wire | None = None

    async def keep(self) -> None:
        """Connect, then ask for everything whenever there is a worker (again)."""
        wire = await self._reach()
        self._wire = self._session.wire = wire
        self._overtaking = []
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

    def start_worker(self) -> None:
        """Start the worker again after a person stopped it."""
        if self._wire is not None:
            self._wire.start_again()

    async def _reach(self) -> "Wire":
        while True:
            try:
                return await self._connect()
            except ProblemError as error:
                self._lost(error)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _take_all(self, wire: "Wire") -> None:
        first_time = not self._session.loaded
        try:
            more = await self._take_fleet(wire.fleet())
            if first_time:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.drawn.wait(), _DRAWN_SECONDS)
            if more:
                await self._take_fleet(wire.call(FLEET, Nothing()))
            jobs = await wire.call(JOBS, Nothing())
            self._session.trouble = jobs.trouble
            self._changed(self._session.take_jobs(jobs.jobs))
            if first_time:
                selected = self._session.selected
                await wire.watch(Watch(samples=True, detail=(selected,) if selected else ()))
        except ProblemError as error:
            self._session.worker_trouble = error.problem.what
            return
        self._back()

    async def _take_fleet(self, answer: Awaitable[Fleet]) -> int:
        """Merge a list, and after it the news that came while it was waited for; how much is missing."""
        self._overtaking = self._overtaking or []
        try:
            fleet = await answer
            self._changed(self._session.take_fleet(fleet))
        finally:
            overtaking, self._overtaking = self._overtaking, None
        for news in overtaking:
            # What is older than the list is in it.
            if news.event > fleet.event:
                self._take(news)
        return fleet.more

    def _heard(self, event: Event) -> None:
        if isinstance(event, LinkLost):
            self._session.worker_stopped = event.stopped
            self._lost(ProblemError(event.problem))
        elif isinstance(event, LinkBack):
            self._session.wire = self._wire
            self._found.set()
        elif isinstance(event, FleetChanged) and self._overtaking is not None:
            self._overtaking.append(event)
        else:
            self._take(event)

    def _take(self, news: News) -> None:
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
        self._session.worker_stopped = False
        if lost is not None:
            self._link_changed(True)
