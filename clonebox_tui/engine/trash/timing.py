"""Purges what has lain in the trash for its time, by the same act that a person would use."""

import asyncio
import logging
import time
from collections.abc import Callable

from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.engine.trash.entries import Entries
from clonebox_tui.model.acts import PurgeMachine
from clonebox_tui.model.problem import ProblemError

LOOK_SECONDS = 600.0

_log = logging.getLogger(__name__)


async def purge_in_time(
    entries: Entries,
    jobs: JobRunner,
    clock: Callable[[], float] = time.time,
    look_seconds: float = LOOK_SECONDS,
) -> None:
    """Look for ever; what cannot be purged (something stands on its disk) is tried again at the next look."""
    while True:
        for _, entry in await asyncio.to_thread(entries.all):
            kept = entry.machine
            if kept.machine and kept.until_at <= clock():
                try:
                    await jobs.run(PurgeMachine(kept.machine))
                except ProblemError as error:
                    _log.warning("%s stays in the trash: %s", kept.name, error.problem.what)
        await asyncio.sleep(look_seconds)
