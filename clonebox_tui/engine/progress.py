"""Rate and time left of a job's phase, from what its step tells: smoothed, and silent while unknown."""

import time
from collections.abc import Callable

from clonebox_tui.model.job import Progress

_WEIGHT = 0.3
"""Of the newest measurement in the moving average: steady after some five of them."""

_SPAN_SECONDS = 0.25
"""Shorter spans measure the clock, not the work."""


class Meter:
    """Feed it `told`; it gives the Progress to show. A new phase or unit starts anew."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kind = ("", "")
        self._mark = (0.0, 0.0)
        self._rate: float | None = None

    def told(self, phase: str, done: float, total: float | None, unit: str) -> Progress:
        """The progress after a step said how far it is."""
        now = self._clock()
        if self._kind != (phase, unit) or done < self._mark[1]:
            self._kind, self._mark, self._rate = (phase, unit), (now, done), None
        seconds = now - self._mark[0]
        if seconds >= _SPAN_SECONDS:
            measured = (done - self._mark[1]) / seconds
            self._rate = measured if self._rate is None else self._rate + _WEIGHT * (measured - self._rate)
            self._mark = (now, done)
        left = None
        if total is not None and self._rate:
            left = max(0.0, total - done) / self._rate
        return Progress(phase, done, total, unit, self._rate, left)
