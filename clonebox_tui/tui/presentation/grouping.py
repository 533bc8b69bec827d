"""What a list of machines is grouped by, and the headings between its rows."""

from collections.abc import Iterable
from enum import StrEnum

from clonebox_tui.model.machine import Machine
from clonebox_tui.tui.presentation.amounts import number
from clonebox_tui.tui.presentation.runs import Runs, clean, fit

HEADING = "\0"
"""How the id of a heading begins; no machine's does."""


class Grouping(StrEnum):
    """Values are words that a person may type."""

    NOTHING = "nothing"
    GROUP = "group"
    TAG = "tag"
    HOST = "host"
    STATE = "state"


_ORDER = tuple(Grouping)
_WITHOUT = {Grouping.GROUP: "in no group", Grouping.TAG: "without tags"}


def next_grouping(grouping: Grouping) -> Grouping:
    """The one that follows; the first after the last."""
    return _ORDER[(_ORDER.index(grouping) + 1) % len(_ORDER)]


def heading_of(machine: Machine, grouping: Grouping) -> str:
    """Under which heading a machine stands; empty: under that of those without one.

    Machines with the same tags stand together, so that each stands in one place only.
    """
    if grouping is Grouping.GROUP:
        return machine.group
    if grouping is Grouping.TAG:
        return " ".join(machine.tags)
    if grouping is Grouping.HOST:
        return machine.connection.partition("?")[0]
    return machine.state.value if grouping is Grouping.STATE else ""


def grouped(machines: Iterable[Machine], grouping: Grouping) -> list[str]:
    """Ids of machines in their order, with the id of a heading before each group; those without one last."""
    if grouping is Grouping.NOTHING:
        return [machine.id for machine in machines]
    groups: dict[str, list[str]] = {}
    for machine in machines:
        groups.setdefault(heading_of(machine, grouping), []).append(machine.id)
    rows: list[str] = []
    for title in sorted(groups, key=lambda each: (not each, each.lower())):
        shown = title or _WITHOUT.get(grouping, "others")
        rows += [f"{HEADING}{number(len(groups[title]))}{HEADING}{shown}", *groups[title]]
    return rows


def is_heading(row: str) -> bool:
    """Whether a row's id is that of a heading."""
    return row.startswith(HEADING)


def heading_runs(row: str, width: int) -> Runs:
    """A heading as a line: its title, and how many stand below it."""
    _, count, title = row.split(HEADING, 2)
    return ((fit(f" {clean(title)}  ", max(0, width - len(count) - 1)), "accent"), (f"{count} ", "dim"))
