"""What the cockpit is like at the end of a slow line: the first picture, the echo of a key, live."""

import time
from collections.abc import Iterator

from tests.bench.figures import Figure, median
from tests.bench.world import FIRST_NAME, World
from tests.fixtures.throttled import ThrottledTerminal

BYTES_9600 = 960.0
"""Bytes a second of 9 600 bit/s with start and stop bits."""
_SETTLE_SECONDS = 8.0
_WINDOW_SECONDS = 15.0


def measure(repetitions: int) -> Iterator[Figure]:
    """80×24 over 9 600 bit/s: nothing is said by hand, the cockpit finds out."""
    with World(100) as world:
        world.start_worker()
        with ThrottledTerminal(world.cockpit, world.environment, BYTES_9600) as terminal:
            first = terminal.wait_for(FIRST_NAME.decode())
            yield Figure("9 600 bit/s, 80×24: first picture", "s", first, budget=10,
                         note=f"{terminal.bytes_passed} bytes")  # fmt: skip
            terminal.wait_for("slow line")
            time.sleep(_SETTLE_SECONDS)
            echoes = [_echo(terminal, number) for number in range(1, 2 * repetitions + 1)]
            yield Figure("9 600 bit/s, 80×24: echo of a key", "s", median(echoes), budget=2,
                         note=f"longest {max(echoes):.2f} s")  # fmt: skip
            before = terminal.bytes_passed
            time.sleep(_WINDOW_SECONDS)
            spent = (terminal.bytes_passed - before) / _WINDOW_SECONDS
            yield Figure("9 600 bit/s, 80×24: live", "KB/s", spent / 1000, budget=1)
            terminal.rate = 0
            terminal.wait_for("running", without="slow line")


def _echo(terminal: ThrottledTerminal, number: int) -> float:
    """Mark another machine, until the header counts it."""
    terminal.type(b" ")
    seconds = terminal.wait_for(f"{number} marked")
    time.sleep(0.7)
    return seconds
