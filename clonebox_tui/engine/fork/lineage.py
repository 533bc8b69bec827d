"""Snapshots between a good and a bad one, and the search among them: pure rules."""

from collections.abc import Mapping, Sequence

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.snapshot import Snapshot

PRESENT = ""
"""The machine as it is now, as the last of a line."""


def between(snapshots: Sequence[Snapshot], good: str, bad: str) -> tuple[str, ...]:
    """The states after `good` down to `bad`, in the order they came to be. USAGE when the bad one does not
    descend from the good one."""
    parents: Mapping[str, str] = {each.name: each.parent for each in snapshots}
    here = bad or next((each.name for each in snapshots if each.current), "")
    line = [] if bad else [PRESENT]
    while here and here != good:
        line.append(here)
        here = parents.get(here, "")
    if here != good or not line:
        raise problem(
            Code.USAGE,
            f"{bad or 'The present'} does not come after {good}.",
            why="Only states of one line can be searched: each made from the one before.",
            next="See the tree: `clonebox-tui snapshot tree M`.",
        )
    return tuple(reversed(line))


def most_boots(states: int) -> int:
    """How many of them have to be looked at, at most: the last one is known to be bad."""
    return max(0, (states - 1).bit_length())


def middle(first: int, last: int) -> int:
    """The one to look at next, when the first bad one is at `first` or later, at `last` at the latest."""
    return (first + last) // 2
