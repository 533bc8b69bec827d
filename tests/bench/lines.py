"""What the cockpit is like at the end of a slow line: the first picture, the echo of a key, live."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.figures import Figure, median
from tests.bench.world import FIRST_NAME, World
from tests.fixtures.throttled import ThrottledTerminal

_SETTLE_SECONDS = 8.0
_WINDOW_SECONDS = 15.0
_SLOW = "slow line"
"""What the header says once the cockpit has found it out."""


class Line(NamedTuple):
    """A line and the terminal at its end, with what is asked of them (seconds, KB/s)."""

    name: str
    rate: float
    """Bytes a second."""
    columns: int
    rows: int
    slow: bool
    """Whether the cockpit is to save."""
    first: float | None
    echo: float
    live: float


# 9 600 bit/s with a start and a stop bit a byte, as serial lines have; 64 000 without, as a network has.
LINES = (
    Line("9 600 bit/s, 80×24", 960, 80, 24, True, 10, 2, 1),
    Line("9 600 bit/s, 120×40", 960, 120, 40, True, None, 2, 1),
    Line("64 000 bit/s, 120×40", 8_000, 120, 40, False, 10, 0.3, 5),
)


def measure(repetitions: int) -> Iterator[Figure]:
    """Nothing is said by hand about any of the lines: the cockpit finds out."""
    for line in LINES:
        with World(100) as world:
            world.start_worker()
            yield from _measure_line(world, line, repetitions)


def _measure_line(world: World, line: Line, repetitions: int) -> Iterator[Figure]:
    with ThrottledTerminal(world.cockpit, world.environment, line.rate, line.columns, line.rows) as terminal:
        first = terminal.wait_for(FIRST_NAME.decode())
        yield Figure(f"{line.name}: first picture", "s", first, budget=line.first,
                     note=f"{terminal.bytes_passed} bytes")  # fmt: skip
        if line.slow:
            terminal.wait_for(_SLOW)
        time.sleep(_SETTLE_SECONDS)
        echoes = [_echo(terminal, number) for number in range(1, 2 * repetitions + 1)]
        yield Figure(f"{line.name}: echo of a key", "s", median(echoes), budget=line.echo,
                     note=f"longest {max(echoes):.2f} s")  # fmt: skip
        before = terminal.bytes_passed
        time.sleep(_WINDOW_SECONDS)
        spent = (terminal.bytes_passed - before) / _WINDOW_SECONDS
        if (_SLOW in terminal.text) is not line.slow:
            raise AssertionError(f"{line.name} is not seen for what it is:\n{terminal.text}")
        yield Figure(f"{line.name}: live", "KB/s", spent / 1000, budget=line.live)
        terminal.rate = 0
        terminal.wait_for("running", without=_SLOW)


def _echo(terminal: ThrottledTerminal, number: int) -> float:
    """Mark another machine, until the header counts it."""
    terminal.type(b" ")
    seconds = terminal.wait_for(f"{number} marked")
    time.sleep(0.7)
    return seconds
