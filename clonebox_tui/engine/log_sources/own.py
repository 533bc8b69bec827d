"""What this program itself wrote down: the worker's log, and what a job logged."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.engine.log_sources.file_log import FileLog
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.plain import clean_text
from clonebox_tui.providers import log_file
from clonebox_tui.providers.protocol import LogChunk


class WorkerLog(FileLog):
    """The worker's own log, which is JSON in its file, as lines for people."""

    def __init__(self, path: Path, clock: Callable[[], float], source: str, lossy: bool = False) -> None:
        async def read(offset: int, limit_bytes: int, identity: str) -> LogChunk:
            return await asyncio.to_thread(log_file.read, path, offset, limit_bytes, identity)

        super().__init__(read, clock, source, lossy)

    async def tail(self, lines: int, partial: bool) -> list[LogLine]:
        """The last lines."""
        return [_readable(line) for line in await super().tail(lines, partial)]

    async def more(self) -> list[LogLine]:
        """What was written since."""
        return [_readable(line) for line in await super().more()]


class JobLines:
    """What one job logged; ends with it."""

    def __init__(self, jobs: JobRunner, job_id: str, source: str) -> None:
        self._jobs = jobs
        self._job_id = jobs.job(job_id).id
        self._source = source
        self._seen = 0
        self.behind = False
        self.ended = False
        self.changed_at: float | None = None

    async def close(self) -> None:
        """Nothing is held."""

    async def tail(self, lines: int, partial: bool) -> list[LogLine]:
        """The last lines."""
        del partial
        found = await self.more()
        return found[-lines:] if lines else []

    async def more(self) -> list[LogLine]:
        """What was logged since."""
        ended = self._jobs.job(self._job_id).state.ended
        found = await self._jobs.lines(self._job_id)
        fresh, self._seen, self.ended = found[self._seen :], len(found), ended
        return [replace(line, text=clean_text(line.text), source=self._source) for line in fresh]


def _readable(line: LogLine) -> LogLine:
    try:
        entry = json.loads(line.text)
        told = (entry.pop(name, "") for name in ("time", "level", "logger", "message"))
        moment, level, logger, message = map(str, told)
    except (ValueError, AttributeError):
        return line  # a line that is longer than what is kept of one
    more = " ".join(f"{name}={value}" for name, value in entry.items())
    return replace(line, text=clean_text(f"{moment} {level} {logger}: {message} {more}".rstrip()))
