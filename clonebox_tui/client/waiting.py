"""Who waits for which job to end; fed by notifications, so that nobody polls."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from clonebox_tui.model.job import Job
from clonebox_tui.model.problem import Problem, ProblemError


class JobWaiters:
    """Futures by the job id (or its prefix) that was waited for."""

    def __init__(self) -> None:
        self._futures: dict[str, asyncio.Future[Job]] = {}

    def __bool__(self) -> bool:
        return bool(self._futures)

    def ids(self) -> tuple[str, ...]:
        """The ids waited for."""
        return tuple(self._futures)

    def expect(self, job_id: str) -> asyncio.Future[Job]:
        """The job, once it has ended; shared by all who wait for it."""
        if job_id not in self._futures:
            future: asyncio.Future[Job] = asyncio.get_running_loop().create_future()
            # Whoever waited may have stopped waiting: that is no failure to report.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._futures[job_id] = future
        return self._shared(self._futures[job_id])

    def note(self, jobs: Iterable[Job]) -> None:
        """Jobs as they are now."""
        for job in jobs:
            if job.state.ended:
                for wanted in [each for each in self._futures if job.id.startswith(each)]:
                    self._futures.pop(wanted).set_result(job)

    async def look_at(self, job_id: str, ask: Callable[[str], Awaitable[Job]]) -> None:
        """See by asking whether it has ended already."""
        try:
            self.note((await ask(job_id),))
        except ProblemError as error:
            self.fail(error.problem, job_id)

    async def look_again(self, ask: Callable[[str], Awaitable[Job]]) -> None:
        """See what became of all that are waited for: they may have ended while nobody told us."""
        for job_id in self.ids():
            await self.look_at(job_id, ask)

    def fail(self, failure: Problem, job_id: str = "") -> None:
        """Nothing more will be heard of that job, or of any."""
        for wanted in [each for each in self._futures if not job_id or each == job_id]:
            self._futures.pop(wanted).set_exception(ProblemError(failure))

    @staticmethod
    def _shared(future: "asyncio.Future[Job]") -> "asyncio.Future[Job]":
        # One who stops waiting must not stop the others.
        return asyncio.shield(future)
