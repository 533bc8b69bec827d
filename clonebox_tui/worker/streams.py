"""Streams to one front end, each with a bounded window: who does not take, holds its producer back."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from clonebox_tui.model.jsonrpc import Notice, line
from clonebox_tui.model.problem import REPORT, Code, Problem, ProblemError, problem
from clonebox_tui.model.rpc import Chunk, OpenedStream

WINDOW_CHUNKS = 64
WINDOW_BYTES = 1024 * 1024
"""What may be sent and not yet acknowledged."""

_INPUT_PIECES = 16
"""Writes of a front end that may wait for whoever takes the stream's input."""

_log = logging.getLogger(__name__)


class Outgoing:
    """What a producer sends into, and where it finds its input."""

    def __init__(self, number: int, write: Callable[[bytes], object]) -> None:
        self._number = number
        self._write = write
        self._sequence = 0
        self._unacknowledged: deque[tuple[int, int]] = deque()
        self._unacknowledged_bytes = 0
        self._last_fields: dict[str, object] = {}
        self._room = asyncio.Event()
        self._input: asyncio.Queue[bytes | None] = asyncio.Queue(_INPUT_PIECES)
        self.task: asyncio.Task[None] | None = None

    async def send(self, **fields: object) -> None:
        """Send a chunk with these fields of `Chunk`; waits while the window is full."""
        while len(self._unacknowledged) >= WINDOW_CHUNKS or self._unacknowledged_bytes >= WINDOW_BYTES:
            self._room.clear()
            await self._room.wait()
        self._put(**fields)

    async def input(self) -> AsyncIterator[bytes]:
        """What the front end writes, until it says that this is all."""
        while (data := await self._input.get()) is not None:
            yield data

    async def write(self, data: bytes, end: bool) -> None:
        """The front end wrote; waits while nobody takes it."""
        if data:
            await self._input.put(data)
        if end:
            await self._input.put(None)

    def acknowledged(self, sequence: int) -> None:
        """The front end has taken all up to `sequence`."""
        while self._unacknowledged and self._unacknowledged[0][0] <= sequence:
            self._unacknowledged_bytes -= self._unacknowledged.popleft()[1]
        self._room.set()

    def finish(self, **fields: object) -> None:
        """Say these fields of `Chunk` in the stream's last chunk, which follows when the producer ends."""
        self._last_fields = fields

    def end(self, failure: Problem | None) -> None:
        """Send the last chunk, whatever the window."""
        self._put(end=True, problem=failure, **self._last_fields)

    def _put(self, **fields: object) -> None:
        self._sequence += 1
        chunk = msgspec.structs.replace(Chunk(self._number, self._sequence), **fields)
        data = line(Notice("stream", chunk))
        self._unacknowledged.append((self._sequence, len(data)))
        self._unacknowledged_bytes += len(data)
        self._write(data)


Producer = Callable[[Outgoing], Awaitable[None]]


class Streams:
    """The open streams of one front end, by number."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._last = 0
        self._open: dict[int, Outgoing] = {}

    def open(self, producer: Producer) -> OpenedStream:
        """Run `producer` as a stream: it ends when the producer does, and the producer is cancelled when
        the front end closes the stream or goes. Call it last: chunks must not overtake the answer."""
        self._last += 1
        outgoing = self._open[self._last] = Outgoing(self._last, self._write)
        outgoing.task = asyncio.create_task(self._run(self._last, producer, outgoing))
        return OpenedStream(self._last)

    def get(self, number: int) -> Outgoing:
        """An open stream; USAGE when there is none of this number."""
        if number not in self._open:
            raise problem(
                Code.USAGE,
                f"There is no open stream {number}.",
                why="it has ended, or never was",
                next="Start it again.",
            )
        return self._open[number]

    def acknowledge(self, number: int, sequence: int) -> None:
        """Acknowledgements of a stream that has ended meanwhile are in order."""
        if number in self._open:
            self._open[number].acknowledged(sequence)

    def close(self, number: int) -> None:
        """Stop a stream's producer; closing what has ended is in order."""
        outgoing = self._open.get(number)
        if outgoing is not None and outgoing.task is not None:
            outgoing.task.cancel()

    def close_all(self) -> None:
        """The front end is gone."""
        for number in tuple(self._open):
            self.close(number)

    async def _run(self, number: int, producer: Producer, outgoing: Outgoing) -> None:
        failure: Problem | None = None
        try:
            await producer(outgoing)
        except ProblemError as error:
            failure = error.problem
        except Exception as error:  # noqa: BLE001 the root of a stream: its reader must hear of the end
            _log.exception("a stream broke")
            failure = Problem(
                Code.INTERNAL,
                "The stream broke.",
                why=f"{type(error).__name__}: {error}",
                next=REPORT,
            )
        finally:
            del self._open[number]
        outgoing.end(failure)
