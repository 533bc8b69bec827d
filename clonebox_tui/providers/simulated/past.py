"""What a simulated machine did before anybody looked: its curves say so for any time."""

from collections.abc import Sequence

from clonebox_tui.model.sample import Reading
from clonebox_tui.providers.simulated.curves import Shape
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.meter import CPU, DISK_READ, DISK_WRITE, NET_RX, NET_TX


def past_of(
    machine: SimulatedMachine, shapes: tuple[Shape, ...], spans: Sequence[tuple[float, float]]
) -> list[Reading | None]:
    """Averages over spans (UNIX seconds); None before its start, and for one that does not run."""
    since = machine.started_at
    if since is None or not machine.alive:
        return [None] * len(spans)
    return [_average(machine, shapes, begin, end) if begin >= since else None for begin, end in spans]


def _average(machine: SimulatedMachine, shapes: tuple[Shape, ...], begin: float, end: float) -> Reading:
    meter = machine.meter
    used = [shapes[index].integral(end) - shapes[index].integral(begin) for index in meter.shape]
    rate = [scale * total / (end - begin) for scale, total in zip(meter.scale, used, strict=True)]
    return Reading(
        machine.id,
        min(100.0, 100 * rate[CPU] / machine.vcpus),
        machine.memory_used_bytes(shapes, (begin + end) / 2),
        machine.memory_bytes,
        rate[DISK_READ],
        rate[DISK_WRITE],
        rate[NET_RX],
        rate[NET_TX],
    )
