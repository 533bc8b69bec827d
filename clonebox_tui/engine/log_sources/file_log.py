"""A log in a file, however large, rotated or truncated it is: no line twice, none left out in silence."""

from collections.abc import Awaitable, Callable

from clonebox_tui.engine.log_lines import LogLines
from clonebox_tui.model.log import LogLine
from clonebox_tui.providers.protocol import LogChunk

CHUNK_BYTES = 256 * 1024
TAIL_BYTES = 64 * 1024
"""First guess of what the wanted lines take; grows to `MOST_TAIL_BYTES`."""

MOST_TAIL_BYTES = 8 * 1024 * 1024
LIVELY_BYTES = 64 * 1024
"""What one look of a reader who may miss lines takes: more than anybody reads in that time."""

_COUNTED_BYTES = 1024 * 1024
_MARK_BYTES = 64

Read = Callable[[int, int, str], Awaitable[LogChunk]]
"""A piece from an offset, at most so many bytes, of the file with this identity."""


class FileLog:
    """A place in one log. `lossy`: when it grows faster than a person reads, lines are left out, and
    how many is said."""

    def __init__(self, read: Read, clock: Callable[[], float], source: str, lossy: bool = False) -> None:
        self._read = read
        self._clock = clock
        self._source = source
        self._lossy = lossy
        self._lines = LogLines(source)
        self._offset = 0
        self._identity = ""
        self._mark = b""
        """The last bytes that were read: they are still there unless the file was truncated."""
        self.behind = False
        self.ended = False
        self.changed_at: float | None = None

    async def close(self) -> None:
        """Nothing is held."""

    async def tail(self, lines: int, partial: bool) -> list[LogLine]:
        """The last lines, found from the end."""
        wanted = TAIL_BYTES
        while True:
            chunk = await self._read(-wanted, wanted, "")
            whole = chunk.offset == 0
            enough = chunk.data.count(b"\n") > lines
            if whole or enough or wanted >= MOST_TAIL_BYTES:
                break
            wanted *= 4
        self._identity, self._offset = chunk.identity, chunk.offset + len(chunk.data)
        self._mark, self.changed_at = chunk.data[-_MARK_BYTES:], chunk.changed_at or None
        data = chunk.data if whole else chunk.data[chunk.data.find(b"\n") + 1 :]
        found = self._lines.feed(data, self._clock(), None)
        if partial:
            found += self._lines.end(None)
        return found[-lines:] if lines else []

    async def more(self) -> list[LogLine]:
        """What was written since, also over rotations and truncations."""
        mark = len(self._mark)
        chunk = await self._read(self._offset - mark, CHUNK_BYTES + mark, self._identity)
        if chunk.identity != self._identity:
            return await self._begin_again(chunk.identity)
        if chunk.data[:mark] != self._mark:
            return await self._truncated(chunk)
        now = self._clock()
        at_end = self._offset + len(chunk.data) - mark >= chunk.size
        if self._lossy and chunk.size - self._offset > LIVELY_BYTES:
            return await self._newest_of(chunk)
        lines = self._take(chunk.data[mark:], now)
        self.behind = not at_end
        if at_end and self._identity in chunk.files[:-1]:
            # Rotated, and read to its end; a line that was cut in two is put together again.
            self._identity = chunk.files[chunk.files.index(self._identity) + 1]
            self._offset, self._mark, self.behind = 0, b"", True
            return lines
        return lines + self._lines.overdue(now, now)

    def _take(self, data: bytes, now: float) -> list[LogLine]:
        self._offset += len(data)
        self._mark = (self._mark + data[-_MARK_BYTES:])[-_MARK_BYTES:]
        return self._lines.feed(data, now, now)

    async def _begin_again(self, identity: str) -> list[LogLine]:
        now = self._clock()
        lines = self._lines.end(now)
        self._identity, self._offset, self._mark, self.behind = identity, 0, b"", True
        return lines + await self.more()

    async def _truncated(self, chunk: LogChunk) -> list[LogLine]:
        """Read on in the copy that was made before it was cut, where there is one."""
        offset = self._offset - len(self._mark)
        for identity in reversed(chunk.files[:-1]):
            copy = await self._read(offset, len(self._mark), identity)
            if copy.identity == identity and copy.data == self._mark:
                self._identity, self.behind = identity, True
                return await self.more()
        return await self._begin_again(chunk.identity)

    async def _newest_of(self, chunk: LogChunk) -> list[LogLine]:
        """The last lines of what came, and how many were left out before them."""
        skipped, until = 0, chunk.size - LIVELY_BYTES
        while self._offset < until:
            piece = await self._read(self._offset, min(_COUNTED_BYTES, until - self._offset), self._identity)
            if piece.identity != self._identity or not piece.data:
                break
            skipped += piece.data.count(b"\n")
            self._offset += len(piece.data)
            self._mark = (self._mark + piece.data[-_MARK_BYTES:])[-_MARK_BYTES:]
        self._lines = LogLines(self._source)
        last = await self._read(self._offset, LIVELY_BYTES, self._identity)
        now = self._clock()
        # The line that was cut by where we begin counts among those left out.
        lines = self._take(last.data, now)[1:] if last.identity == self._identity else []
        left_out = f"… {skipped + 1} lines left out: they came faster than anybody reads"
        return [LogLine(now, left_out, self._source), *lines]
