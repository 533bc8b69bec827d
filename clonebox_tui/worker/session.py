"""One front end at the worker's socket: its requests, its notifications, its streams.

Each request runs in a task of its own, so that a slow one holds up no other. Nothing a front end sends
can end more than its own connection, and one that does not read is dropped.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from clonebox_tui.model.jsonrpc import (
    Error,
    ErrorCode,
    Failure,
    Id,
    Incoming,
    Lines,
    LineTooLongError,
    Reply,
    line,
    parsed,
)
from clonebox_tui.model.problem import Code, Problem, ProblemError
from clonebox_tui.model.rpc import HELLO, MAX_LINE_BYTES, Watch
from clonebox_tui.worker import refusals
from clonebox_tui.worker.dispatch import Dispatch, Row
from clonebox_tui.worker.streams import Streams

if TYPE_CHECKING:
    from clonebox_tui.model.rpc import Hello

UNREAD_LIMIT_BYTES = 32 * 1024 * 1024
"""A front end that leaves this much unread is dropped: some ten lists of 5 000 machines."""

SAMPLES_LIMIT_BYTES = 256 * 1024
"""Behind this much unread no samples are added: on a slow line the newest ones matter."""

REQUESTS_AT_ONCE = 256
"""Requests of one front end that may run; further ones wait in its socket."""

ANSWER_SECONDS = float(os.environ.get("CLONEBOX_ANSWER_SECONDS") or 60.0)
"""How long any request may take; what takes longer is a job or a stream, and answers at once."""

_log = logging.getLogger(__name__)


class Session(asyncio.Protocol):
    """`hello` is set once the front end introduced itself; `watch` once it wants notifications; `listing`
    counts the lists of everything that it is waiting for."""

    def __init__(
        self,
        dispatch: Dispatch,
        opened: Callable[["Session", socket.socket], bool],
        closed: Callable[["Session"], None],
        readonly: bool,
    ) -> None:
        self._dispatch = dispatch
        self._opened = opened
        self._closed = closed
        self._readonly = readonly
        self._lines = Lines(MAX_LINE_BYTES)
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.Transport | None = None
        self.streams = Streams(self.send)
        self.hello: Hello | None = None
        self.may_change = False
        self.watch: Watch | None = None
        self.listing = 0

    # -- asyncio calls these -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the front end in, unless there are too many or it is somebody else."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 a stream socket has no other
        self._transport = transport
        # asyncio lends only a view of its socket; the check wants a real one.
        with socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno())) as peer:
            welcome = self._opened(self, peer)
        if not welcome:
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Serve every complete line."""
        try:
            lines = self._lines.feed(data)
        except LineTooLongError:
            self._fail(None, ErrorCode.INVALID_REQUEST, f"a line may have {MAX_LINE_BYTES} bytes")
            self.close()
            return
        for text in lines:
            self._take(text)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop what only this front end wanted; jobs go on."""
        del exc
        for task in self._tasks:
            task.cancel()
        self.streams.close_all()
        self._closed(self)

    # -- sending -----------------------------------------------------------------------------------

    def send(self, data: bytes, limit_bytes: int = UNREAD_LIMIT_BYTES) -> bool:
        """Send a line; False when so much is unread that it was left out (or the front end dropped)."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size() > limit_bytes:
            if limit_bytes >= UNREAD_LIMIT_BYTES:
                _log.warning("dropped a front end that does not read")
                transport.abort()
            return False
        transport.write(data)
        return True

    def close(self) -> None:
        """Hang up when all was sent."""
        if self._transport is not None:
            self._transport.close()

    # -- requests ----------------------------------------------------------------------------------

    def _take(self, text: bytes) -> None:
        try:
            incoming = parsed(text)
        except (msgspec.ValidationError, RecursionError) as error:
            self._fail(None, ErrorCode.INVALID_REQUEST, str(error))
        except msgspec.DecodeError as error:
            self._fail(None, ErrorCode.PARSE_ERROR, str(error))
        else:
            self._route(incoming)

    def _route(self, incoming: Incoming) -> None:
        number = None if incoming.id is msgspec.UNSET else incoming.id
        row = self._dispatch.rows.get(incoming.method)
        if not incoming.method:
            self._fail(number, ErrorCode.INVALID_REQUEST, "a request names a method")
        elif row is None:
            self._fail(number, ErrorCode.METHOD_NOT_FOUND, f"there is no method {incoming.method[:100]}")
        else:
            self._begin(row, incoming, number)

    def _begin(self, row: Row, incoming: Incoming, number: Id) -> None:
        try:
            raw = incoming.params if isinstance(incoming.params, msgspec.Raw) else b"{}"
            params = msgspec.json.decode(raw, type=row.method.params)
        except (msgspec.DecodeError, RecursionError) as error:
            self._fail(number, ErrorCode.INVALID_PARAMS, str(error), refusals.bad_parameters(row, str(error)))
            return
        task = asyncio.create_task(self._serve(row, params, incoming, number), name=row.method.name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        if len(self._tasks) >= REQUESTS_AT_ONCE and self._transport is not None:
            self._transport.pause_reading()

    def _refuse(self, row: Row) -> None:
        if row.method.name == HELLO.name:
            return
        if self.hello is None:
            raise ProblemError(refusals.NOT_INTRODUCED)
        if row.method.changes and self._readonly:
            raise ProblemError(refusals.READ_ONLY)
        if row.method.changes and not self.may_change:
            raise ProblemError(refusals.OTHER_VERSION)

    async def _serve(self, row: Row, params: object, incoming: Incoming, number: Id) -> None:
        try:
            # Not before: what introduces the front end may have come in the same packet.
            self._refuse(row)
            result = await self._in_time(row, params)
        except ProblemError as error:
            self._answer_problem(incoming, number, error.problem)
        except Exception as error:  # noqa: BLE001 the root of a request: it must be answered, whatever broke
            _log.exception("a request broke", extra={"method": row.method.name})
            self._answer_problem(incoming, number, refusals.broke(row, error))
        else:
            if incoming.id is not msgspec.UNSET:
                self.send(line(Reply(number, result)))

    async def _in_time(self, row: Row, params: object) -> object:
        seconds = row.method.patience_seconds or ANSWER_SECONDS
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await row.serve(self, params)
        except TimeoutError as error:
            if limit.expired():
                raise ProblemError(refusals.too_slow(row, seconds)) from error
            raise

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _answer_problem(self, incoming: Incoming, number: Id, failure: Problem) -> None:
        if incoming.id is not msgspec.UNSET:
            code = ErrorCode.INTERNAL_ERROR if failure.code is Code.INTERNAL else ErrorCode.PROBLEM
            self._fail(number, code, failure.what, failure)

    def _fail(self, number: Id, code: ErrorCode, message: str, data: Problem | None = None) -> None:
        failure = data or Problem(
            Code.USAGE,
            "The worker did not understand a request.",
            why=message,
            next="If the program was updated, run `clonebox-tui worker restart`.",
        )
        self.send(line(Failure(number, Error(code, message, failure))))
