"""The host that bears the simulated machines: its load is what they do, now and at any time before."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from clonebox_tui.model.connection import HostReading
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.sample import Reading
from clonebox_tui.providers.simulated.curves import SHAPES, Shape
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.meter import CPU, DISK_READ, DISK_WRITE, NET_RX, NET_TX

CPUS = 16
MEMORY_BYTES = 64 * GIBIBYTE

_OWN_PERCENT, _OWN_BYTES = 2.0, 3 * GIBIBYTE
_WEIGHED_SECONDS = 5.0
"""Which machines run is looked at this often: of thousands it would cost as much as all their counters."""

_SPANS_AT_ONCE = 40
"""Evaluations of the past between two turns of the loop."""

_MEMORY = 5
_KINDS = 6
"""The five counters of a meter, and memory."""


class SimulatedHost:
    """`machines` gives all of them by UUID, `moment` the time in UNIX seconds."""

    def __init__(
        self,
        uri: str,
        shapes: tuple[Shape, ...],
        machines: Callable[[], Mapping[str, SimulatedMachine]],
        moment: Callable[[], float],
    ) -> None:
        self._uri = uri
        self._shapes = shapes
        self._machines = machines
        self._moment = moment
        self._weighed_at = float("-inf")
        self._count = 0
        self._weights: list[list[float]] = []

    def read(self) -> HostReading:
        """The load at this moment."""
        at = self._moment()
        if not 0 <= at - self._weighed_at < _WEIGHED_SECONDS:
            self._weigh(at)
        return HostReading(self._uri, *self._figures(at))

    async def past(self, spans: Sequence[tuple[float, float]]) -> list[Reading]:
        """What it did in the middle of each span, with the machines that run now."""
        self._weigh(self._moment())
        readings: list[Reading] = []
        for index, (begin, end) in enumerate(spans):
            if index % _SPANS_AT_ONCE == 0:
                await asyncio.sleep(0)
            readings.append(Reading(self._uri, *self._figures((begin + end) / 2)))
        return readings

    def _weigh(self, at: float) -> None:
        """How much of each shape all machines together do, for each kind of load."""
        weights = [[0.0] * SHAPES for _ in range(_KINDS)]
        machines = self._machines()
        for machine in machines.values():
            if not machine.alive:
                continue
            for kind, (shape, scale) in enumerate(zip(machine.meter.shape, machine.meter.scale, strict=True)):
                weights[kind][shape] += scale
            weights[_MEMORY][machine.meter.shape[DISK_READ] // 8 * 8] += machine.memory_bytes
        self._weights, self._count, self._weighed_at = weights, len(machines), at

    def _figures(self, at: float) -> tuple[float, int, int, float, float, float, float]:
        """The fields of a reading, after its name."""
        levels = [shape.level(at) for shape in self._shapes]
        load = [sum(map(float.__mul__, weights, levels)) for weights in self._weights]
        cpu = _OWN_PERCENT + 100 * load[CPU] / max(CPUS, 2.5 * self._count)
        memory = _OWN_BYTES + 0.4 * sum(self._weights[_MEMORY]) + load[_MEMORY]
        return (
            round(min(99.0, cpu), 1),
            int(min(0.95 * MEMORY_BYTES, memory)),
            MEMORY_BYTES,
            load[DISK_READ], load[DISK_WRITE], load[NET_RX], load[NET_TX],
        )  # fmt: skip
