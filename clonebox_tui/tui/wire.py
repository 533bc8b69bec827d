"""What the cockpit needs of a connection to the worker; `client.Client` has it, and so has a test's fake."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol, TypeVar

from clonebox_tui.client import Event
from clonebox_tui.model.chunk import Chunk
from clonebox_tui.model.opening import Fleet, Method, OpenedStream, Watch

P = TypeVar("P")
R = TypeVar("R")


class Chunks(Protocol):
    """A stream: iterate over its chunks, the last has `end`; raises ProblemError when it ended badly."""

    def __aiter__(self) -> AsyncIterator[Chunk]: ...
    async def write(self, data: bytes = b"", end: bool = False) -> None:
        """Send input; returns when the worker has taken it."""

    def close(self) -> None:
        """Stop the stream and what runs at its other end."""


class Wire(Protocol):
    """Typed calls to the worker; all raise ProblemError."""

    async def call(self, method: Method[P, R], params: P) -> R:
        """Ask, and wait for the answer."""

    async def open_stream(self, method: Method[P, OpenedStream], params: P) -> Chunks:
        """Call a method that opens a stream."""

    async def fleet(self) -> Fleet:
        """All machines and connections."""

    async def watch(self, wanted: Watch) -> None:
        """Choose what is heard."""

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Hear notifications and changes of the link; call the result to end it."""

    def start_again(self) -> None:
        """Start a worker that a person stopped."""

    async def close(self) -> None:
        """Hang up; jobs run on."""
