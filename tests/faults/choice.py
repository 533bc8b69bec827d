"""Which points of a sweep are tried: all, a part of them, or a fair sample that a printed seed chooses."""

import os
import random
from collections.abc import Sequence

SEED = os.environ.get("CLONEBOX_FAULTS_SEED", "1")
ALL = SEED == "all"
"""`make faults` asks for every point."""

PART, PARTS = map(int, os.environ.get("CLONEBOX_FAULTS_SHARD", "1/1").split("/"))
"""`make faults SHARD=2/4`: of every four points the second; four such runs together try all."""

LIMIT_SECONDS = 6 * 3600 if ALL else 900
"""How long one sweep may take before it counts as hung."""


def chosen(points: int, at_most: int, topic: str) -> Sequence[int]:
    """Numbers of points, from 1; all of this part in the full sweep, otherwise `at_most`."""
    numbers = range(1, points + 1)
    if ALL:
        return numbers[PART - 1 :: PARTS]
    if points <= at_most:
        return numbers
    return sorted(random.Random(f"{SEED} {topic}").sample(numbers, at_most))
