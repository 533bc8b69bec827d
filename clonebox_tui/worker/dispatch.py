"""Which function serves which method of the table, typed against it."""

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from clonebox_tui.model.rpc import Method

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clonebox_tui.worker.session import Session

P = TypeVar("P")
R = TypeVar("R")


class Row(NamedTuple):
    """A method and what serves it: called with the asking session and the decoded parameters."""

    method: Method[Any, Any]
    serve: "Callable[[Session, Any], Awaitable[object]]"


class Dispatch:
    """The rows by method name."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def serve(self, method: Method[P, R], handler: "Callable[[Session, P], Awaitable[R]]") -> None:
        """Have `handler` serve `method`."""
        self.rows[method.name] = Row(method, handler)
