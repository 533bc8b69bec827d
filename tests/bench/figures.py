"""One line of the table: ours, the other thing's, the budget between them, and whether it is met."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`budget` bounds `ours`, or, when there is an `other`, ours divided by it less `allowance` of ours.

    With `at_least` it is the least that `ours` may be, whatever the other's is.
    """

    name: str
    unit: str
    ours: float
    other: float | None = None
    other_name: str = ""
    budget: float | None = None
    allowance: float = 0.0
    note: str = ""
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """Ours by the other's."""
        return self.ours / self.other if self.other else None

    @property
    def met(self) -> bool | None:
        """Whether the budget is kept; None where there is none."""
        if self.budget is None:
            return None
        if self.at_least:
            return self.ours >= self.budget
        if self.other is None:
            return self.ours <= self.budget
        return self.ours <= self.other * self.budget + self.allowance


def median(values: Iterable[float]) -> float:
    """The middle one: single values on a shared machine say little."""
    return statistics.median(values)
