"""What a machine or host did before now: from the rings where they reach, from one-minute rollups beyond."""

import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol, runtime_checkable

from clonebox_tui.engine.rings import FIELDS, Ring
from clonebox_tui.model.rpc import HistoryWanted
from clonebox_tui.model.sample import Reading, Series

MOST_POINTS = 2000


class SampleStore(Protocol):
    """Where one-minute rollups are kept."""

    async def rollup(self, rows: Sequence[tuple[int, Reading]]) -> None:
        """Keep averages of whole minutes, as (minutes since the UNIX epoch, reading)."""

    async def past(self, machine: str, first_minute: int, last_minute: int) -> Sequence[tuple[int, Reading]]:
        """The kept minutes of one machine, both ends included, oldest first."""


Span = tuple[float, float]
"""Beginning and end, UNIX seconds."""


@runtime_checkable
class Remembering(Protocol):
    """A provider that can itself tell what its machines did (the simulation can)."""

    async def past(self, uuid: str, spans: Sequence[Span]) -> Sequence[Reading | None]:
        """Averages over the spans; None where the machine did not run."""

    async def host_past(self, spans: Sequence[Span]) -> Sequence[Reading | None]:
        """The same of its host."""


Recall = Callable[[Sequence[Span]], Awaitable[Sequence[Reading | None]]]


async def history(
    wanted: HistoryWanted,
    now: float,
    interval: float,
    ring: Ring | None,
    store: SampleStore | None,
    recall: Recall | None = None,
) -> Series:
    """The series asked for; readings are averages of their step, None where nothing was recorded."""
    points = max(1, min(wanted.points, MOST_POINTS))
    seconds = max(interval, wanted.seconds)
    step = max(interval, seconds / points)
    count = max(1, round(seconds / step))
    # Ticks fall on multiples of the interval: so do the steps' ends, and each step has its tick.
    end = (now // interval + 1) * interval
    start = end - count * step
    buckets = _gathered(ring.since(start) if ring else (), start, step, count)
    if store is not None and any(not bucket for bucket in buckets):
        kept = await store.past(wanted.machine, int(start // 60), int(now // 60))
        _fill(buckets, [(minute, _numbers(reading)) for minute, reading in kept], start, step)
    if recall is not None:
        await _recall(buckets, recall, start, step)
    readings = tuple(_average(wanted.machine, bucket) for bucket in buckets)
    return Series(wanted.machine, end, step, readings)


def _gathered(
    rows: Iterable[tuple[float, Sequence[float]]], start: float, step: float, count: int
) -> list[list[Sequence[float]]]:
    buckets: list[list[Sequence[float]]] = [[] for _ in range(count)]
    for at, numbers in rows:
        index = int((at - start) / step)
        if 0 <= index < count:
            buckets[index].append(numbers)
    return buckets


def _fill(
    buckets: list[list[Sequence[float]]],
    minutes: list[tuple[int, Sequence[float]]],
    start: float,
    step: float,
) -> None:
    """Put rollups into buckets that have nothing of their own: a minute fills all that it overlaps."""
    empty = {index for index, bucket in enumerate(buckets) if not bucket}
    for minute, numbers in minutes:
        first = max(0, int((minute * 60 - start) / step))
        last = min(len(buckets), math.ceil((minute * 60 + 60 - start) / step))
        for index in empty.intersection(range(first, last)):
            buckets[index].append(numbers)


async def _recall(buckets: list[list[Sequence[float]]], recall: Recall, start: float, step: float) -> None:
    empty = [index for index, bucket in enumerate(buckets) if not bucket]
    if not empty:
        return
    past = await recall([(start + index * step, start + (index + 1) * step) for index in empty])
    for index, reading in zip(empty, past, strict=True):
        if reading is not None:
            buckets[index].append(_numbers(reading))


def averaged(machine: str, readings: Iterable[Reading]) -> Reading | None:
    """One reading for several, field by field of what is known; None of nothing."""
    return _average(machine, [_numbers(reading) for reading in readings])


def _numbers(reading: Reading) -> Sequence[float]:
    values = (
        reading.cpu_percent, reading.memory_used_bytes, reading.memory_total_bytes,
        reading.disk_read_rate, reading.disk_write_rate, reading.net_rx_rate, reading.net_tx_rate,
    )  # fmt: skip
    return [math.nan if value is None else value for value in values]


def _average(machine: str, rows: list[Sequence[float]]) -> Reading | None:
    if not rows:
        return None
    means: list[float | None] = []
    for field in range(FIELDS):
        values = [row[field] for row in rows if not math.isnan(row[field])]
        means.append(sum(values) / len(values) if values else None)
    if all(mean is None for mean in means):
        return None
    cpu, used, total, *others = means
    return Reading(
        machine, cpu, None if used is None else int(used), None if total is None else int(total), *others
    )
