"""The jobs that are known, newest first, and who hears when one changes: at once, or at a bounded rate."""

import asyncio
import os
from collections.abc import Callable

from clonebox_tui.model.job import Job
from clonebox_tui.model.problem import Code, problem

JOBS_KEPT = 500

NOTIFY_SECONDS = 0.1
"""Progress of one job is told this often at most; changes of its state at once."""

Subscriber = Callable[[Job], None]


def fresh_id() -> str:
    """An id that no job has."""
    return os.urandom(5).hex()


class JobList:
    """Jobs by id, as they are now."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._subscribers: list[Subscriber] = []
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def all(self) -> tuple[Job, ...]:
        """All jobs that are kept, newest first."""
        return tuple(sorted(self._jobs.values(), key=lambda job: job.created_at, reverse=True))

    def get(self, job_id: str) -> Job:
        """A job by its id or a unique prefix; JOB_NOT_FOUND, AMBIGUOUS."""
        found = [job_id] if job_id in self._jobs else [each for each in self._jobs if each.startswith(job_id)]
        if len(found) > 1:
            raise problem(
                Code.AMBIGUOUS,
                f"Several jobs begin with {job_id}.",
                details=tuple(found),
                next="Write more of the id.",
            )
        if not found or not job_id:
            raise problem(
                Code.JOB_NOT_FOUND, f"There is no job {job_id}.", next="List them: `clonebox-tui job list`."
            )
        return self._jobs[found[0]]

    def keep(self, job: Job) -> None:
        """Know a job, and tell nobody."""
        self._jobs[job.id] = job

    def changed(self, job: Job, important: bool) -> None:
        """A job is another now; `important` is more than progress."""
        self._jobs[job.id] = job
        if important:
            self._tell(job.id)
        elif job.id not in self._timers:
            loop = asyncio.get_running_loop()
            self._timers[job.id] = loop.call_later(NOTIFY_SECONDS, self._tell, job.id)

    def drop(self, job_id: str) -> None:
        """Forget a job that came to nothing."""
        self._jobs.pop(job_id, None)
        self._stop_timer(job_id)

    def forget_older(self) -> None:
        """Forget the oldest ended jobs beyond what is kept."""
        if len(self._jobs) > JOBS_KEPT:
            ended = [job for job in reversed(self.all()) if job.state.ended]
            for job in ended[: len(self._jobs) - JOBS_KEPT]:
                self.drop(job.id)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear of changes; call the answer to stop."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def _tell(self, job_id: str) -> None:
        self._stop_timer(job_id)
        for subscriber in tuple(self._subscribers):
            subscriber(self._jobs[job_id])

    def _stop_timer(self, job_id: str) -> None:
        timer = self._timers.pop(job_id, None)
        if timer is not None:
            timer.cancel()
