"""What stands in the machine list when there is no machine: a lost connection never looks empty."""

from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.tui.presentation.amounts import duration
from clonebox_tui.tui.presentation.runs import Runs, clean
from clonebox_tui.tui.session import Session

_BLANK: Runs = ()
_LEAST_CELLS = 38


def _wrapped(text: str, ink: str, width: int) -> list[Runs]:
    lines: list[Runs] = []
    line = ""
    for word in clean(text).split():
        if line and len(line) + len(word) + 1 > width:
            lines.append(((f" {line}", ink),))
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, ((f" {line}", ink),)] if line else lines


def _trouble(connection: Connection, now: float, width: int) -> list[Runs]:
    lines = _wrapped(f"{connection.uri} is {connection.link.value}.", "bad", width)
    problem = connection.problem
    if problem is not None:
        lines += [*_wrapped(problem.what, "text", width), *_wrapped(problem.why, "dim", width)]
        if problem.next:
            lines += [_BLANK, *_wrapped(f"Next: {problem.next}", "text", width)]
    if connection.retry_at is not None:
        lines += [_BLANK, *_wrapped(f"Tried again in {duration(connection.retry_at - now)}.", "dim", width)]
    return lines


def empty_lines(session: Session, width: int) -> tuple[Runs, ...]:
    """Lines for a list without machines, in a pane of `width` cells."""
    width = max(_LEAST_CELLS, width - 2)
    if session.worker_lost_at is not None:
        far = f" of {session.where.far}" if session.where.far else ""
        how = (
            "was stopped; ctrl+r starts it again"
            if session.worker_stopped
            else "is not there; it is looked for"
        )
        lines = _wrapped(f"The worker{far} {how}.", "bad", width)
        return (*lines, *_wrapped(session.worker_trouble, "dim", width))
    if not session.loaded or session.awaited:
        return (((" connecting …", "dim"),),)
    down = [each for each in session.connections.values() if each.link is Link.DOWN]
    if not session.any_up:
        lines = [line for each in down for line in [*_trouble(each, session.clock(), width), _BLANK]]
        return tuple(lines) or (((" connecting …", "dim"),),)
    make = () if session.readonly else (("n", "clone a folder into a machine"),)
    keys = (*make, (":", "command line"), ("?", "every key"))
    return (
        ((" No machine yet.", "strong"),),
        _BLANK,
        *(((f" {key}  ", "key"), (title, "text")) for key, title in keys),
    )
