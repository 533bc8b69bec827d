"""The last minutes of readings, second by second, small enough to keep for hundreds of machines."""

import math
from array import array
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from clonebox_tui.model.sample import Reading

SECONDS_KEPT = 600
"""Readings a ring holds; ten minutes at one a second."""

MOST_RINGS = 300
"""Machines that have a ring; at about 20 KB each. Those on screen push out others."""

FIELDS = 7
"""Numbers of a reading; see `Reading`. NaN stands for a gap."""


_GAP = math.nan
_CPU_ONLY = (_GAP,) * (FIELDS - 1)


class Ring:
    """Readings of one machine with their times (UNIX seconds), oldest first."""

    __slots__ = ("_next", "_times", "_values")

    def __init__(self) -> None:
        self._times = array("d")
        self._values = array("f")
        self._next = 0

    def push(self, at: float, reading: Reading) -> None:
        """Add a reading; the oldest goes when the ring is full."""
        row = _row(reading)
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


def _row(reading: Reading) -> tuple[float, ...]:
    used, total = reading.memory_used_bytes, reading.memory_total_bytes
    cpu = _GAP if reading.cpu_percent is None else reading.cpu_percent
    if used is None and reading.disk_read_rate is None and reading.net_rx_rate is None:
        return (cpu, *_CPU_ONLY)
    rest = (
        used, total,
        reading.disk_read_rate, reading.disk_write_rate, reading.net_rx_rate, reading.net_tx_rate,
    )  # fmt: skip
    return (cpu, *(_GAP if value is None else value for value in rest))


class Rings:
    """Rings by machine id, at most `MOST_RINGS`."""

    def __init__(self) -> None:
        self._rings: OrderedDict[str, Ring] = OrderedDict()

    def push(self, at: float, reading: Reading, seen: bool) -> None:
        """Add one reading; one that is `seen` always finds room."""
        self.push_all(at, {reading.id: reading}, {reading.id} if seen else ())

    def push_all(self, at: float, readings: Mapping[str, Reading], seen: Collection[str]) -> None:
        """Add readings by machine id; those that are `seen` always find room."""
        rings = self._rings
        if len(rings) < MOST_RINGS:
            for id in islice((id for id in readings if id not in rings), MOST_RINGS - len(rings)):
                rings[id] = Ring()
        for id in seen:
            if id in readings:
                if id not in rings:
                    if len(rings) >= MOST_RINGS:
                        rings.popitem(last=False)
                    rings[id] = Ring()
                rings.move_to_end(id)
        # The smaller of the two: there may be thousands of machines, and a host comes alone.
        for id in readings if len(readings) < len(rings) else rings:
            if id in readings and id in rings:
                rings[id].push(at, readings[id])

    def get(self, machine: str) -> Ring | None:
        """The ring of a machine, if it has one."""
        return self._rings.get(machine)

    def drop(self, machine: str) -> None:
        """Forget a machine."""
        self._rings.pop(machine, None)
