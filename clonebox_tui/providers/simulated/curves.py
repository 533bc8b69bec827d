"""Load over time, and its exact integral, so that counters of any moment cost one evaluation.

A shape is a sum of a floor, waves (a day, an hour, a minute) and rectangular bursts; all stay at or
above zero, so integrals never go back, and the sum stays at or below one.
"""

import math
from dataclasses import dataclass
from random import Random

SHAPES = 64
"""Different shapes; machines share them with other scales, so that a tick evaluates no more than these."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Load 0–1. Waves are (amplitude, period, phase), bursts (height, period, width, offset); seconds."""

    floor: float
    waves: tuple[tuple[float, float, float], ...]
    bursts: tuple[tuple[float, float, float, float], ...]

    def level(self, at: float) -> float:
        """The load at a moment."""
        total = self.floor
        for amplitude, period, phase in self.waves:
            total += amplitude * (1 + math.sin(math.tau * at / period + phase))
        for height, period, width, offset in self.bursts:
            if (at + offset) % period < width:
                total += height
        return total

    def integral(self, at: float) -> float:
        """Load times seconds from a fixed, arbitrary beginning."""
        total = self.floor * at
        for amplitude, period, phase in self.waves:
            omega = math.tau / period
            total += amplitude * (at - math.cos(omega * at + phase) / omega)
        for height, period, width, offset in self.bursts:
            cycles, rest = divmod(at + offset, period)
            total += height * (cycles * width + min(rest, width))
        return total


def shapes(seed: int) -> tuple[Shape, ...]:
    """`SHAPES` shapes, from calm to busy, the same for the same seed."""
    chance = Random(f"{seed}/shapes")  # noqa: S311 a demo's scenery, not a secret
    return tuple(_shape(chance, busy=index % 8 / 7) for index in range(SHAPES))


def _shape(chance: Random, busy: float) -> Shape:
    waves = (
        (0.02 + 0.1 * busy * chance.random(), 86_400.0, chance.uniform(0, math.tau)),
        (0.01 + 0.12 * busy * chance.random(), chance.uniform(240, 900), chance.uniform(0, math.tau)),
        (0.01 + 0.03 * chance.random(), chance.uniform(17, 61), chance.uniform(0, math.tau)),
        (0.004 + 0.01 * chance.random(), chance.uniform(3, 9), chance.uniform(0, math.tau)),
    )
    periods = (chance.uniform(11, 29), chance.uniform(40, 130), chance.uniform(200, 700))
    highest = 0.08 + 0.4 * busy
    bursts = tuple(
        (chance.uniform(0.04, highest), period, period * chance.uniform(0.04, 0.25), chance.random() * period)
        for period in periods
    )
    ceiling = 0.01 + 2 * sum(wave[0] for wave in waves) + sum(burst[0] for burst in bursts)
    scale = min(1.0, 0.97 / ceiling)
    return Shape(
        0.01,
        tuple((wave[0] * scale, *wave[1:]) for wave in waves),
        tuple((burst[0] * scale, *burst[1:]) for burst in bursts),
    )
