"""Read and follow the logs of machines, however large, rotated or broken they are."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.log_lines import LogLines
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.protocol import LogChunk, Provider

CHUNK_BYTES = 256 * 1024
TAIL_BYTES = 64 * 1024
"""First guess of what the wanted lines take; grows to `MOST_TAIL_BYTES`."""

MOST_TAIL_BYTES = 8 * 1024 * 1024
MOST_LINES = 10_000
BATCH_LINES = 500
"""Lines handed over at a time."""

SHORTEST_PAUSE, LONGEST_PAUSE = 0.25, 1.0
"""Seconds between two looks at a followed log: short while it grows, longer while it is quiet."""


class Logs:
    """Logs by machine id and source."""

    def __init__(self, fleet: Fleet, clock: Callable[[], float] = time.time) -> None:
        self._fleet = fleet
        self._clock = clock

    async def sources(self, machine: str) -> tuple[str, ...]:
        """The logs a machine has; the first is the one to show."""
        provider, uuid = self._fleet.provider_of(machine)
        return (await provider.details(uuid)).log_sources

    async def follow(
        self, machine: str, source: str = "", lines: int = 200, follow: bool = True
    ) -> AsyncIterator[list[LogLine]]:
        """The last `lines` lines, then, with `follow`, what comes; batches of at most `BATCH_LINES`.

        LOG_NOT_FOUND; while following, a lost connection is waited for.
        """
        provider, uuid = self._fleet.provider_of(machine)
        source = source or await self._first_source(machine)
        reader = _Reader(provider, uuid, source, self._clock)
        for batch in _batches(await reader.tail(max(0, min(lines, MOST_LINES)), partial=not follow)):
            yield batch
        pause = SHORTEST_PAUSE
        while follow:
            fresh = await self._more(reader)
            for batch in _batches(fresh):
                yield batch
            pause = SHORTEST_PAUSE if fresh else min(LONGEST_PAUSE, pause * 1.3)
            if not reader.behind:
                await asyncio.sleep(pause)

    async def _more(self, reader: "_Reader") -> list[LogLine]:
        try:
            return await reader.more()
        except ProblemError as error:
            lost = (Code.CONNECTION_LOST, Code.CONNECTION_FAILED, Code.LOG_NOT_FOUND)
            if error.problem.code not in lost:
                raise
            # A log that went away between a rotation and the next line comes back.
            await asyncio.sleep(LONGEST_PAUSE)
            return []

    async def _first_source(self, machine: str) -> str:
        sources = await self.sources(machine)
        if not sources:
            raise problem(
                Code.LOG_NOT_FOUND,
                f"{self._fleet.machine(machine).name} has no log.",
                why="It has no serial console that is written to a file.",
                next="Machines made by `clonebox-tui clone` have one.",
            )
        return sources[0]


def _batches(lines: list[LogLine]) -> list[list[LogLine]]:
    return [lines[at : at + BATCH_LINES] for at in range(0, len(lines), BATCH_LINES)]


class _Reader:
    """A place in one log."""

    def __init__(self, provider: Provider, uuid: str, source: str, clock: Callable[[], float]) -> None:
        self._provider = provider
        self._uuid = uuid
        self._source = source
        self._clock = clock
        self._lines = LogLines()
        self._offset = 0
        self._identity = ""
        self.behind = False
        """There is more to read right now."""

    async def _read(self, offset: int, limit_bytes: int) -> LogChunk:
        return await self._provider.read_log(self._uuid, self._source, offset, limit_bytes)

    async def tail(self, lines: int, partial: bool) -> list[LogLine]:
        """The last lines, found from the end; `partial`: an unfinished last line counts too."""
        wanted = TAIL_BYTES
        while True:
            chunk = await self._read(-wanted, wanted)
            whole = chunk.offset == 0
            enough = chunk.data.count(b"\n") > lines
            if whole or enough or wanted >= MOST_TAIL_BYTES:
                break
            wanted *= 4
        self._identity, self._offset = chunk.identity, chunk.offset + len(chunk.data)
        data = chunk.data if whole else chunk.data[chunk.data.find(b"\n") + 1 :]
        found = self._lines.feed(data, self._clock(), None)
        if partial:
            found += self._lines.end(None)
        return found[-lines:] if lines else []

    async def more(self) -> list[LogLine]:
        """What was written since; after a rotation or truncation the new file from its beginning."""
        chunk = await self._read(self._offset, CHUNK_BYTES)
        now = self._clock()
        lines: list[LogLine] = []
        if chunk.identity != self._identity or chunk.size < self._offset:
            lines = self._lines.end(now)
            self._identity = chunk.identity
            chunk = await self._read(0, CHUNK_BYTES)
        self._offset = chunk.offset + len(chunk.data)
        self.behind = self._offset < chunk.size
        lines += self._lines.feed(chunk.data, now, now)
        return lines + self._lines.overdue(now, now)
