"""One connection to one worker: requests matched with answers, notices and chunks handed on."""

import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from clonebox_tui.client.early import FIRST_FREE_ID
from clonebox_tui.model.jsonrpc import (
    Incoming,
    Lines,
    LineTooLongError,
    Notice,
    Request,
    line,
    parsed,
    problem_of,
)
from clonebox_tui.model.notifications import STREAM, News
from clonebox_tui.model.opening import MAX_LINE_BYTES, Method, OpenedStream
from clonebox_tui.model.problem import Code, Problem, ProblemError

if TYPE_CHECKING:
    from clonebox_tui.client.stream import Stream

P = TypeVar("P")
R = TypeVar("R")

LOST = Problem(
    Code.WORKER_UNAVAILABLE,
    "The worker went away before it answered.",
    why="the connection to it was closed",
    next="It is started again by itself; `clonebox-tui job list` tells what became of jobs.",
)


STOPPED = Problem(
    Code.WORKER_UNAVAILABLE,
    "The worker was stopped.",
    why="somebody told it to leave (`clonebox-tui worker stop`)",
    next="Any command starts it again; in the cockpit, ctrl+r does.",
)


class Link(asyncio.Protocol):
    """Over when `lost` is done; every call that waited then fails with LOST."""

    def __init__(self, heard: Callable[[News], None]) -> None:
        self._heard = heard
        self._lines = Lines(MAX_LINE_BYTES)
        self._next_id = FIRST_FREE_ID
        self._answers: dict[int, Callable[[Incoming | None], None]] = {}
        self._streams: dict[int, Stream] = {}
        self._finished: set[int] = set()
        self._transport: asyncio.Transport | None = None
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def over(cls, connected: socket.socket, heard: Callable[[News], None]) -> "Link":
        """The link over a connected socket, which it owns from now on."""
        connected.setblocking(False)
        loop = asyncio.get_running_loop()
        _, link = await loop.create_unix_connection(lambda: cls(heard), sock=connected)
        return link

    # -- asking ------------------------------------------------------------------------------------

    def expect(self, number: int, result: type[R]) -> asyncio.Future[R]:
        """The answer to come for a request sent with this id."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()

        def answered(incoming: Incoming | None) -> None:
            if future.done():
                return
            try:
                future.set_result(_result(incoming, result))
            except ProblemError as error:
                future.set_exception(error)

        if self.lost.done():
            answered(None)
        else:
            self._answers[number] = answered
        return future

    async def ask(self, method: Method[P, R], params: P) -> R:
        """Call a method; raises ProblemError."""
        number = self._number()
        request = _travelling(Request(number, method.name, params))
        answer = self.expect(number, method.result)
        self._send(request)
        try:
            return await answer
        finally:
            self._answers.pop(number, None)

    def tell(self, method: Method[P, R], params: P) -> None:
        """Call a method whose answer does not matter."""
        self._send(line(Notice(method.name, params)))

    async def open(self, method: Method[P, OpenedStream], params: P) -> "Stream":
        """Call a method that opens a stream."""
        opened = await self.ask(method, params)
        return self._stream(opened.stream)

    def send(self, data: bytes) -> None:
        """Send requests that were already put into bytes."""
        self._send(data)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def _number(self) -> int:
        self._next_id += 1
        return self._next_id

    def _send(self, data: bytes) -> None:
        if self._transport is not None and not self.lost.done():
            self._transport.write(data)

    def _stream(self, number: int) -> "Stream":
        from clonebox_tui.client.stream import Stream  # the first picture needs none

        # Chunks may arrive before the task that opened the stream runs again: first come makes it.
        if number not in self._streams:
            self._streams[number] = Stream(number, self.tell, self.ask, self._finish)
            if self.lost.done():
                self._streams[number].ended(LOST)
        return self._streams[number]

    def _finish(self, number: int) -> None:
        self._streams.pop(number, None)
        self._finished.add(number)

    # -- hearing (called by asyncio) ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 a stream socket has no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what came; a peer that talks nonsense is hung up on."""
        try:
            for text in self._lines.feed(data):
                self._take(parsed(text))
        except (LineTooLongError, msgspec.DecodeError):
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits."""
        del exc
        if not self.lost.done():
            self.lost.set_result(None)
        answers, self._answers = list(self._answers.values()), {}
        for answered in answers:
            answered(None)
        for stream in self._streams.values():
            stream.ended(LOST)

    def _take(self, incoming: Incoming) -> None:
        if incoming.method:
            if isinstance(incoming.params, msgspec.Raw):
                self._hear(incoming.method, incoming.params)
        elif isinstance(incoming.id, int):
            answered = self._answers.pop(incoming.id, None)
            if answered is not None:
                answered(incoming)

    def _hear(self, method: str, raw: msgspec.Raw) -> None:
        try:
            if method == STREAM:
                self._hear_chunk(raw)
                return
            news = msgspec.json.decode(raw, type=News)
        except msgspec.ValidationError:
            return  # A newer worker may tell what this front end does not know.
        self._heard(news)

    def _hear_chunk(self, raw: msgspec.Raw) -> None:
        from clonebox_tui.model.chunk import Chunk

        chunk = msgspec.json.decode(raw, type=Chunk)
        if chunk.stream not in self._finished:
            self._stream(chunk.stream).arrived(chunk)


def _travelling(request: Request) -> bytes:
    """USAGE for a name whose bytes are no text, such as an old file's: it could not be told to the worker."""
    try:
        return line(request)
    except UnicodeEncodeError as error:
        name = error.object.encode(errors="surrogateescape").decode(errors="backslashreplace")
        raise ProblemError(
            Problem(
                Code.USAGE,
                f"{name} is no text in UTF-8.",
                why="what is asked of the worker travels as text",
                next="Use another name; a folder is copied with every name in it, whatever its bytes are.",
            )
        ) from error


def _result(incoming: Incoming | None, result: type[R]) -> R:
    if incoming is None:
        raise ProblemError(LOST)
    if incoming.error is not None:
        raise ProblemError(problem_of(incoming.error))
    raw = incoming.result if isinstance(incoming.result, msgspec.Raw) else b"null"
    try:
        return msgspec.json.decode(raw, type=result)
    except msgspec.DecodeError as error:
        raise ProblemError(
            Problem(
                Code.VERSION_MISMATCH,
                "The worker's answer was not understood.",
                why=str(error),
                next="If the program was updated, run `clonebox-tui worker restart`.",
            )
        ) from error
