"""A stream of chunks from the worker, taken at the reader's pace: what is taken is acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from clonebox_tui.model.problem import Problem, ProblemError
from clonebox_tui.model.rpc import (
    STREAM_ACK,
    STREAM_CLOSE,
    STREAM_WRITE,
    Chunk,
    CloseStream,
    Method,
    Nothing,
    StreamAck,
    StreamWrite,
)

ACK_EVERY = 16
"""Chunks between acknowledgements; a quarter of the worker's window, so that it never runs dry."""

P = TypeVar("P")


class Tell(Protocol):
    """Sends what is not answered."""

    def __call__(self, method: Method[P, Nothing], params: P, /) -> None: ...


Write = Callable[[Method[StreamWrite, Nothing], StreamWrite], Awaitable[Nothing]]


class Stream:
    """Iterate over its chunks; the last has `end`. Raises its `problem`, if any, after that one."""

    def __init__(self, number: int, tell: Tell, write: Write, finished: Callable[[int], None]) -> None:
        self.number = number
        self._tell = tell
        self._write = write
        self._finished = finished
        self._chunks: asyncio.Queue[Chunk] = asyncio.Queue()
        self._taken = 0
        self._acknowledged = 0
        self._over = False
        self._problem: Problem | None = None

    def __aiter__(self) -> "Stream":
        return self

    async def __anext__(self) -> Chunk:
        """The next chunk; raises ProblemError when the stream ended badly."""
        if self._over:
            if self._problem is not None:
                failure, self._problem = self._problem, None
                raise ProblemError(failure)
            raise StopAsyncIteration
        chunk = await self._chunks.get()
        self._taken = chunk.sequence
        if chunk.end:
            self._over, self._problem = True, chunk.problem
            self._finished(self.number)
        elif self._taken - self._acknowledged >= ACK_EVERY or self._chunks.empty():
            self._tell(STREAM_ACK, StreamAck(self.number, self._taken))
            self._acknowledged = self._taken
        return chunk

    async def write(self, data: bytes = b"", end: bool = False) -> None:
        """Send input; returns when the worker has passed it on."""
        await self._write(STREAM_WRITE, StreamWrite(self.number, data, end))

    def close(self) -> None:
        """Stop the stream and what runs at its other end; iterating ends."""
        if not self._over:
            self._tell(STREAM_CLOSE, CloseStream(self.number))
            self._finished(self.number)
            self.ended(None)

    def arrived(self, chunk: Chunk) -> None:
        """The worker sent `chunk` (called by the link)."""
        self._chunks.put_nowait(chunk)

    def ended(self, failure: Problem | None) -> None:
        """Nothing more can come (called by the link): the reader sees one last chunk."""
        self._chunks.put_nowait(Chunk(self.number, self._taken, end=True, problem=failure))
