"""The envelope of the wire: JSON-RPC 2.0 documents, one a line, and the pure cutting of bytes into lines.

`{"jsonrpc": "2.0"}` is msgspec's tag here, so that a document of another version does not decode.
"""

from enum import IntEnum

import msgspec

from clonebox_tui.model.problem import REPORT, Code, Problem

Id = int | str | None


class ErrorCode(IntEnum):
    """Codes of the JSON-RPC 2.0 specification, section 5.1; `PROBLEM` (in its server range) is ours."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32602
    INTERNAL_ERROR = -32603
    PROBLEM = -32000


class _Document(msgspec.Struct, frozen=True, tag_field="jsonrpc", tag="2.0"):
    pass


class Error(msgspec.Struct, frozen=True):
    """What went wrong; `data` says it for people."""

    code: int
    message: str
    data: Problem | None = None


class Request(_Document, frozen=True, tag="2.0"):
    """Sent by a front end, answered with the same id."""

    id: Id
    method: str
    params: object


class Notice(_Document, frozen=True, tag="2.0"):
    """Sent by either side, never answered."""

    method: str
    params: object


class Reply(_Document, frozen=True, tag="2.0"):
    """A request's good end."""

    id: Id
    result: object


class Failure(_Document, frozen=True, tag="2.0"):
    """A request's bad end."""

    id: Id
    error: Error


class Incoming(_Document, frozen=True, tag="2.0"):
    """Any of the four, as read: what is there tells which. Payloads stay undecoded."""

    id: int | str | msgspec.UnsetType | None = msgspec.UNSET
    method: str = ""
    params: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: Error | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Incoming)


def line(document: _Document) -> bytes:
    """A document as it travels. JSON strings escape line feeds, so one line is one document."""
    return _encoder.encode(document) + b"\n"


def parsed(text: bytes) -> Incoming:
    """The document on a line; raises msgspec.DecodeError (malformed) or its ValidationError (not ours)."""
    return _decoder.decode(text)


def problem_of(error: Error) -> Problem:
    """What a person reads about an error, also one of a peer that sent no data."""
    if error.data is not None:
        return error.data
    return Problem(
        Code.INTERNAL,
        "The worker could not answer.",
        f"{error.message} ({error.code})",
        next=REPORT,
    )


class LineTooLongError(Exception):
    """A peer sent more bytes without a line's end than may be kept."""


class Lines:
    """Cuts a stream of bytes into lines; keeps at most `limit_bytes` of an unfinished one."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, without their ends; blank lines are left out."""
        head, *rest = data.split(b"\n")
        self._keep(head)
        if not rest:
            return []
        lines = [b"".join(self._parts), *rest[:-1]]
        self._parts, self._size = [], 0
        self._keep(rest[-1])
        return [each for each in lines if each.strip()]

    def _keep(self, part: bytes) -> None:
        self._size += len(part)
        if self._size > self._limit_bytes:
            raise LineTooLongError
        if part:
            self._parts.append(part)
