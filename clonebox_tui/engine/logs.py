"""Read and follow the logs of machines, however large, rotated or broken they are."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.log_sources.following import grown, grown_together, merged
from clonebox_tui.engine.log_sources.opening import Beside, Opening
from clonebox_tui.engine.log_sources.source import MOST_LINES, Source
from clonebox_tui.model.log import ALL, WORKER, LogLine
from clonebox_tui.model.problem import Code, ProblemError, problem

BATCH_LINES = 500
"""Lines handed over at a time."""


class Logs:
    """Logs by machine id and source."""

    def __init__(
        self, fleet: Fleet, clock: Callable[[], float] = time.time, beside: Beside | None = None
    ) -> None:
        self._fleet = fleet
        self._clock = clock
        self._opening = Opening(fleet, beside, clock)

    async def sources(self, machine: str) -> tuple[str, ...]:
        """The logs a machine has; the first is the one to show."""
        return (*await self._opening.own(machine), *self.beside(machine))

    def beside(self, machine: str) -> tuple[str, ...]:
        """The logs about a machine that its provider does not keep."""
        return self._opening.beside(machine)

    async def follow(
        self,
        machine: str,
        source: str | Sequence[str] = "",
        lines: int = 200,
        follow: bool = True,
        lossy: bool = False,
    ) -> AsyncGenerator[list[LogLine], None]:
        """The last `lines` lines, then, with `follow`, what comes; batches of at most `BATCH_LINES`.

        Several sources, or `all`, are merged by the times of their lines. `lossy`: what comes faster than
        anybody reads is left out, and counted. LOG_NOT_FOUND; while following, a lost connection is
        waited for.
        """
        names = (source,) if isinstance(source, str) else tuple(dict.fromkeys(source))
        every = ALL in names
        wanted = await self._every_source(machine) if every else names
        opened = [
            self._opening.open(machine, name or await self._first_source(machine), lossy) for name in wanted
        ]
        try:
            read = self._read(opened, lines, follow, every)
            async with aclosing(read) as batches:
                async for batch in batches:
                    for at in range(0, len(batch), BATCH_LINES):
                        yield batch[at : at + BATCH_LINES]
        finally:
            for each in opened:
                await each.close()

    async def _read(
        self, opened: Sequence[Source], lines: int, follow: bool, every: bool
    ) -> AsyncGenerator[list[LogLine], None]:
        """The ends of all, then what comes; with `every`, what cannot be read is named and left out."""
        lines = max(0, min(lines, MOST_LINES))
        tails, there, absent = [], [], []
        for each in opened:
            try:
                tails.append(await each.tail(lines, partial=not follow))
                there.append(each)
            except ProblemError as error:
                if not every:
                    raise
                absent.append(LogLine(None, f"({error.problem.what} {error.problem.why})"))
        changed_at = [each.changed_at for each in there]
        found = merged(tails, changed_at) if len(opened) > 1 else tails[0]
        yield absent + (found[-lines:] if lines else [])
        if not follow or not there:
            return
        coming = grown(there[0]) if len(opened) == 1 else grown_together(there)
        async with aclosing(coming) as batches:
            async for batch in batches:
                yield batch

    async def _every_source(self, machine: str) -> tuple[str, ...]:
        # The worker's log tells of all machines: it is read by its own name.
        return tuple(each for each in await self.sources(machine) if each not in (ALL, WORKER))

    async def _first_source(self, machine: str) -> str:
        sources = await self._opening.own(machine)
        if not sources:
            others = ", ".join(self.beside(machine))
            raise problem(
                Code.LOG_NOT_FOUND,
                f"{self._fleet.machine(machine).name} has no log.",
                why="Its connection keeps no logs on this host.",
                next=f"Read another (L, or --source): {others}." if others
                else "Machines made by `clonebox-tui clone` have one.",
            )  # fmt: skip
        return sources[0]
