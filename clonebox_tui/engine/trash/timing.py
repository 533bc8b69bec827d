"""Purges what has lain in the trash for its time, by the same acts that a person would use."""

import asyncio
import logging
import time
from collections.abc import Callable

from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.engine.snapshots.hidden import Hidden
from clonebox_tui.engine.trash.entries import Entries
from clonebox_tui.model.acts import Act, DeleteSnapshot, PurgeMachine
from clonebox_tui.model.problem import Code, ProblemError

LOOK_SECONDS = 600.0

_log = logging.getLogger(__name__)


async def purge_in_time(
    entries: Entries,
    hidden: Hidden,
    jobs: JobRunner,
    clock: Callable[[], float] = time.time,
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Look for ever; what cannot be purged (something stands on its disk) is tried again at the next look."""
    while True:
        for _, entry in await asyncio.to_thread(entries.all):
            if entry.machine.machine and entry.machine.until_at <= clock():
                await _purge(jobs, PurgeMachine(entry.machine.machine))
        for each in hidden.all:
            if each.until_at <= clock():
                code = await _purge(jobs, DeleteSnapshot(each.machine, each.name))
                if code is Code.SNAPSHOT_NOT_FOUND:  # it was deleted by other means
                    await hidden.show(each.machine, (each.name,))
        await asyncio.sleep(look_seconds)


async def _purge(jobs: JobRunner, act: Act) -> Code | None:
    try:
        await jobs.run(act)
    except ProblemError as error:
        _log.warning("it stays in the trash: %s %s", error.problem.what, error.problem.why)
        return error.problem.code
    return None
