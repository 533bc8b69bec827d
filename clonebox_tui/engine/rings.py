"""The last minutes of readings, second by second, small enough to keep for hundreds of machines."""

import math
from array import array
from collections import OrderedDict
from collections.abc import Iterator

from clonebox_tui.model.sample import Reading

SECONDS_KEPT = 600
"""Readings a ring holds; ten minutes at one a second."""

MOST_RINGS = 300
"""Machines that have a ring; at about 20 KB each. Those on screen push out others."""

FIELDS = 7
"""Numbers of a reading; see `Reading`. NaN stands for a gap."""


class Ring:
    """Readings of one machine with their times (UNIX seconds), oldest first."""

    __slots__ = ("_next", "_times", "_values")

    def __init__(self) -> None:
        self._times = array("d")
        self._values = array("f")
        self._next = 0

    def push(self, at: float, reading: Reading) -> None:
        """Add a reading; the oldest goes when the ring is full."""
        row = [
            math.nan if value is None else value
            for value in (
                reading.cpu_percent, reading.memory_used_bytes, reading.memory_total_bytes,
                reading.disk_read_rate, reading.disk_write_rate, reading.net_rx_rate, reading.net_tx_rate,
            )
        ]  # fmt: skip
        if len(self._times) < SECONDS_KEPT:
            self._times.append(at)
            self._values.extend(row)
            return
        self._times[self._next] = at
        self._values[self._next * FIELDS : (self._next + 1) * FIELDS] = array("f", row)
        self._next = (self._next + 1) % SECONDS_KEPT

    def since(self, start: float) -> Iterator[tuple[float, "array[float]"]]:
        """Times from `start` on and their numbers."""
        count = len(self._times)
        for step in range(count):
            index = (self._next + step) % count
            if self._times[index] >= start:
                yield self._times[index], self._values[index * FIELDS : (index + 1) * FIELDS]


class Rings:
    """Rings by machine id, at most `MOST_RINGS`."""

    def __init__(self) -> None:
        self._rings: OrderedDict[str, Ring] = OrderedDict()

    def push(self, at: float, reading: Reading, seen: bool) -> None:
        """Add a reading; one that is `seen` always finds room."""
        ring = self._rings.get(reading.id)
        if ring is None:
            if len(self._rings) >= MOST_RINGS:
                if not seen:
                    return
                self._rings.popitem(last=False)
            ring = self._rings[reading.id] = Ring()
        if seen:
            self._rings.move_to_end(reading.id)
        ring.push(at, reading)

    def get(self, machine: str) -> Ring | None:
        """The ring of a machine, if it has one."""
        return self._rings.get(machine)

    def drop(self, machine: str) -> None:
        """Forget a machine."""
        self._rings.pop(machine, None)
