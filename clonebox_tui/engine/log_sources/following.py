"""Follow one log, or several merged by the times of their lines."""

import asyncio
import heapq
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

from clonebox_tui.engine.log_sources.moments import timed
from clonebox_tui.engine.log_sources.source import Source
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.problem import Code, ProblemError

SHORTEST_PAUSE, LONGEST_PAUSE = 0.25, 1.0
"""Seconds between two looks at a followed log: short while it grows, longer while it is quiet."""

_TOGETHER_SECONDS = 0.3
"""Lines of several logs that come within this are put in order of their times."""

_PASSING = (Code.CONNECTION_LOST, Code.CONNECTION_FAILED, Code.LOG_NOT_FOUND, Code.AGENT_UNAVAILABLE,
            Code.TIMED_OUT)  # fmt: skip
"""Troubles of a log that is followed which end by themselves: a reboot, a rotation, a lost connection."""


async def grown(source: Source) -> AsyncGenerator[list[LogLine], None]:
    """What comes, as it comes; ends when nothing can come any more."""
    pause = SHORTEST_PAUSE
    while not source.ended:
        fresh = await _more(source)
        if fresh:
            yield fresh
        pause = SHORTEST_PAUSE if fresh else min(LONGEST_PAUSE, pause * 1.3)
        if not source.behind:
            await asyncio.sleep(pause)


async def _more(source: Source) -> list[LogLine]:
    try:
        return await source.more()
    except ProblemError as error:
        if error.problem.code not in _PASSING:
            raise
        # A log that went away between a rotation and the next line comes back.
        await asyncio.sleep(LONGEST_PAUSE)
        return []


def merged(tails: Sequence[Sequence[LogLine]], changed_at: Sequence[float | None] = ()) -> list[LogLine]:
    """The ends of several logs as one, by time; lines of one log keep their order, whatever they say.
    `changed_at` is when each log was written last."""
    known = changed_at or [None] * len(tails)
    placed = [_rising(timed(lines, at)) for lines, at in zip(tails, known, strict=True)]
    return [line for _, line in heapq.merge(*placed, key=lambda pair: pair[0])]


def _rising(lines: Sequence[LogLine]) -> list[tuple[float, LogLine]]:
    pairs, latest = [], 0.0
    for line in lines:
        latest = max(latest, line.time or 0.0)
        pairs.append((latest, line))
    return pairs


async def grown_together(sources: Sequence[Source]) -> AsyncGenerator[list[LogLine], None]:
    """What comes in all of them; what comes within a moment is put in order."""
    queue: asyncio.Queue[list[LogLine]] = asyncio.Queue(2 * len(sources))
    async with _tasks(sources, queue) as tasks:
        while not (queue.empty() and all(task.done() for task in tasks)):
            for task in tasks:
                if task.done():
                    task.result()
            try:
                async with asyncio.timeout(LONGEST_PAUSE):
                    came = [await queue.get()]
            except TimeoutError:
                continue
            await asyncio.sleep(_TOGETHER_SECONDS)
            while not queue.empty():
                came.append(queue.get_nowait())
            yield merged(came)


@asynccontextmanager
async def _tasks(
    sources: Sequence[Source], queue: asyncio.Queue[list[LogLine]]
) -> AsyncIterator[list[asyncio.Task[None]]]:
    async def read(source: Source) -> None:
        async for lines in grown(source):
            await queue.put(lines)

    tasks = [asyncio.create_task(read(each)) for each in sources]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
