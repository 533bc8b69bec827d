"""Which points of a sweep are tried: all of them, or a fair sample that a printed seed chooses."""

import os
import random
from collections.abc import Sequence

SEED = os.environ.get("CLONEBOX_FAULTS_SEED", "1")
ALL = SEED == "all"
"""`make faults` asks for every point."""


def chosen(points: int, at_most: int, topic: str) -> Sequence[int]:
    """Numbers of points, from 1; all of them in the full sweep, otherwise `at_most`."""
    numbers = range(1, points + 1)
    if ALL or points <= at_most:
        return numbers
    return sorted(random.Random(f"{SEED} {topic}").sample(numbers, at_most))
