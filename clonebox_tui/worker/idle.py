"""When a worker nobody needs leaves: after a while without front end, job and anything to sample."""

import asyncio
import time
from collections.abc import Callable

IDLE_SECONDS = 600.0

_LOOKS = 20
"""Looks within the idle time: it is kept to within a twentieth."""


class Idleness:
    """Sets an event after `idle_seconds` without a break."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds

    async def watch(self, busy: Callable[[], bool], leaving: asyncio.Event) -> None:
        """Look from time to time; returns once `leaving` was set."""
        last_busy = time.monotonic()
        while time.monotonic() - last_busy < self._idle_seconds:
            await asyncio.sleep(self._idle_seconds / _LOOKS)
            if busy():
                last_busy = time.monotonic()
        leaving.set()
