"""What the worker says when it does not serve a request."""

from clonebox_tui.engine.breakage import fault_of_ours
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.worker.dispatch import Row

NOT_INTRODUCED = Problem(
    Code.USAGE, "A front end introduces itself first.", next="Call worker.hello before anything else."
)
READ_ONLY = Problem(
    Code.READ_ONLY,
    "Nothing is changed: the worker is read-only.",
    why="CLONEBOX_READONLY was set when it was started",
    next="Unset CLONEBOX_READONLY and run `clonebox-tui worker restart`.",
)
OTHER_VERSION = Problem(
    Code.VERSION_MISMATCH,
    "The running worker has another version: it can be read, nothing is changed through it.",
    why="the program was updated (or a second one is installed) while the worker ran",
    next="Run `clonebox-tui worker restart`; it waits for running jobs.",
)


def bad_parameters(row: Row, why: str) -> Problem:
    """Parameters that do not fit the method."""
    return Problem(
        Code.USAGE,
        f"The parameters of {row.method.name} are wrong.",
        why=why,
        next="If the program was updated, run `clonebox-tui worker restart`.",
    )


def broke(row: Row, error: Exception) -> Problem:
    """A fault of the worker itself."""
    return fault_of_ours(f"The worker failed at {row.method.name}.", f"{type(error).__name__}: {error}")


def too_slow(row: Row, seconds: float) -> Problem:
    """A host that was asked hangs: the front end is not left waiting for it."""
    return Problem(
        Code.TIMED_OUT,
        f"There is no answer to {row.method.name} after {seconds:g} s.",
        why="a host or a guest that was asked for it does not answer",
        next="Try again; `clonebox-tui list` shows which connections are up.",
    )
