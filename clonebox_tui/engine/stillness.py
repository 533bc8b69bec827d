"""A guest whose memory is being kept or brought back stands still: who asks its agent waits for that job.

libvirt would let the question wait without a word, and then say that the agent does not answer.
"""

import asyncio
from math import isinf

from clonebox_tui.engine.current_job import current_job
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.problem import Code, problem

_ACTS = ("snapshot.create", "snapshot.restore")


async def guest_goes_on(jobs: JobRunner, machine: str, seconds: float) -> None:
    """Return when no job but the caller's own holds the machine's guest still; TIMED_OUT names that job."""
    for job in jobs.jobs() if jobs.running else ():
        if job.machine == machine and _holds_still(job):
            try:
                await asyncio.wait_for(jobs.wait(job.id), None if isinf(seconds) else seconds)
            except TimeoutError as error:
                raise problem(
                    Code.TIMED_OUT,
                    f"{job.name} stands still, so its guest agent cannot answer.",
                    why=f"job {job.id}: {job.title}",
                    next=f"Wait for it: `clonebox-tui job wait {job.id}`.",
                ) from error


def _holds_still(job: Job) -> bool:
    begun = not job.state.ended and job.state is not JobState.QUEUED
    return begun and job.act in _ACTS and job.id != current_job.get()
