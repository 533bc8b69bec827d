"""The cockpit through an hour of ticks in two minutes, drawn for a terminal that is not there.

Prints its resident memory in bytes once every ring is full, at the end, and the pictures written between.
"""

import asyncio
import gc
import os
from typing import Any

from clonebox_tui.tui.face import Face
from clonebox_tui.tui.session import Session
from tests.bench.processes import memory
from tests.tui.emulated import EmulatedTerminal, emulated
from tests.tui.fake_fleet import NOW, machine
from tests.tui.fake_wire import FakeWire

HOUR_TICKS = 3_600
SETTLED_TICKS = 2_600
"""By then every ring and trace is full: the longest keeps 2 400 points."""
_DRAWN_SECONDS = 0.02
"""Textual draws sixty times a second at most."""


class Nowhere(EmulatedTerminal):
    """Counts what is written and draws nothing."""

    count = 0

    def write(self, data: str) -> None:
        """Forget it."""
        Nowhere.count += bool(data)


def _resident() -> int:
    gc.collect()
    return memory(os.getpid())["Rss"]


async def hour(machines: int) -> tuple[int, int, int]:
    """Bytes in between and at the end; pictures written from there to there."""
    wire, now = FakeWire(tuple(machine(n, f"m{n:03d}") for n in range(1, machines + 1))), NOW

    async def connect() -> FakeWire:
        return wire

    face: Any = Face(connect, Session(clock=lambda: now))  # type: ignore[arg-type]
    # There is no terminal that could be hung up.
    face._heed_the_end = lambda: None
    settled = pictures = 0
    async with emulated(face, (120, 40), Nowhere) as (pilot, _):
        for tick in range(HOUR_TICKS):
            now = NOW + tick
            wire.sample(float(tick))
            wire.asked.clear()
            await pilot.pause(_DRAWN_SECONDS)
            if tick == SETTLED_TICKS:
                settled, pictures = _resident(), Nowhere.count
        return settled, _resident(), Nowhere.count - pictures


if __name__ == "__main__":
    print(*asyncio.run(hour(100)))
