"""Counters as providers read them, readings as front ends show them, and the pure step between.

Rates are only formed between two counters of the same run of a machine: a first sample, a restart, a
counter that went back or a machine that is not running gives a gap (None), never zero, never a
negative number.
"""

import msgspec


class Counters(msgspec.Struct, frozen=True, gc=False):
    """Raw counters of one machine at one moment. None: not asked for, or not to be had."""

    id: str
    time_ns: int
    """Monotonic clock of the host at the moment of reading."""
    run: int
    """Differs between two runs of a machine (libvirt: the domain's id); -1 when not running."""
    running: bool
    vcpus: int
    cpu_time_ns: int | None = None
    memory_used_bytes: int | None = None
    """What the guest uses where its balloon tells (available - unused), else the host's view (RSS)."""
    memory_total_bytes: int | None = None
    disk_read_bytes: int | None = None
    disk_write_bytes: int | None = None
    net_rx_bytes: int | None = None
    net_tx_bytes: int | None = None


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a front end draws for one machine at one moment.

    `cpu_percent` is of the machine's own vCPUs together (0–100). Rates are bytes a second.
    """

    id: str
    cpu_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    disk_read_rate: float | None = None
    disk_write_rate: float | None = None
    net_rx_rate: float | None = None
    net_tx_rate: float | None = None


class Series(msgspec.Struct, frozen=True):
    """History of one machine, oldest first: `step_seconds` apart, the last one ends at `end`."""

    machine: str
    end: float
    step_seconds: float
    readings: tuple[Reading | None, ...]


def _rate(before: int | None, after: int | None, seconds: float) -> float | None:
    if before is None or after is None or after < before:
        return None
    return (after - before) / seconds


def rates(previous: Counters | None, current: Counters) -> Reading:
    """The reading between two counters of one machine; gaps where none can be formed."""
    if not current.running:
        return Reading(current.id)
    used, total = current.memory_used_bytes, current.memory_total_bytes
    if previous is None or not previous.running or previous.run != current.run:
        return Reading(current.id, None, used, total)
    seconds = (current.time_ns - previous.time_ns) / 1e9
    if seconds <= 0:
        return Reading(current.id, None, used, total)
    busy = _rate(previous.cpu_time_ns, current.cpu_time_ns, seconds)
    cpu = None if busy is None else min(100.0, busy / 1e7 / (current.vcpus or 1))
    if current.disk_read_bytes is None and current.net_rx_bytes is None:
        # Thousands off screen: of those nothing else was asked.
        return Reading(current.id, cpu, used, total)
    return Reading(
        current.id,
        cpu,
        used,
        total,
        _rate(previous.disk_read_bytes, current.disk_read_bytes, seconds),
        _rate(previous.disk_write_bytes, current.disk_write_bytes, seconds),
        _rate(previous.net_rx_bytes, current.net_rx_bytes, seconds),
        _rate(previous.net_tx_bytes, current.net_tx_bytes, seconds),
    )
