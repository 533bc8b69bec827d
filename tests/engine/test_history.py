"""Proves that the past is kept as it was: seconds in rings, minutes beyond, gaps as gaps."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from clonebox_tui.engine.history import history
from clonebox_tui.engine.rings import MOST_RINGS, SECONDS_KEPT, Ring, Rings
from clonebox_tui.model.rpc import HistoryWanted
from clonebox_tui.model.sample import Reading
from clonebox_tui.store.database import Database
from clonebox_tui.store.samples import SampleStore

NOW = 1_795_000_020.0
"""Twenty seconds into a minute."""


def _reading(cpu: float | None, machine: str = "m") -> Reading:
    return Reading(machine, cpu, 512 * 2**20, 2**30)


def _figures(readings: Sequence[Reading | None]) -> list[float | None]:
    return [reading.cpu_percent if reading else None for reading in readings]


async def test_a_full_ring_forgets_the_oldest() -> None:
    ring = Ring()
    for second in range(SECONDS_KEPT + 50):
        ring.push(NOW - SECONDS_KEPT - 49 + second, _reading(float(second)))
    series = await history(HistoryWanted("m", 700, 700), NOW, 1.0, ring, None)
    figures = _figures(series.readings)
    assert figures[-1] == SECONDS_KEPT + 49
    assert figures[-SECONDS_KEPT:] == [float(second) for second in range(50, SECONDS_KEPT + 50)]
    assert figures[:-SECONDS_KEPT] == [None] * 100


async def test_steps_are_averages_and_gaps_do_not_count() -> None:
    ring = Ring()
    for second, cpu in enumerate([10.0, None, 30.0, None, None, None, 50.0, 60.0, 70.0]):
        ring.push(NOW - 8 + second, Reading("m") if cpu is None else _reading(cpu))
    series = await history(HistoryWanted("m", 9, 3), NOW, 1.0, ring, None)
    assert _figures(series.readings) == pytest.approx([20.0, None, 60.0])
    assert series.readings[1] is None
    assert series.readings[2] is not None
    assert series.readings[2].memory_used_bytes == 512 * 2**20


async def test_kept_minutes_fill_what_the_ring_does_not_reach(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "store.sqlite")
    store = SampleStore(database)
    minute = int(NOW // 60)
    await store.rollup([(minute - 3, _reading(33.0)), (minute - 3, _reading(99.0, "other"))])
    await store.rollup([(minute - 1, _reading(11.0))])
    ring = Ring()
    for second in range(10):
        ring.push(NOW - 9 + second, _reading(77.0))
    series = await history(HistoryWanted("m", 240, 24), NOW, 1.0, ring, store)
    figures = _figures(series.readings)
    assert figures.count(33.0) in (6, 7)
    assert figures.count(11.0) in (6, 7)
    assert figures[-1] == 77.0
    assert None in figures
    assert figures.index(33.0) < figures.index(11.0)
    await database.close()


async def test_a_machine_that_was_off_is_not_filled_in(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "store.sqlite")
    store = SampleStore(database)
    await store.rollup([(int(NOW // 60), _reading(33.0))])
    ring = Ring()
    for second in range(10):
        ring.push(NOW - 9 + second, Reading("m"))
    series = await history(HistoryWanted("m", 10, 10), NOW, 1.0, ring, store)
    assert series.readings == (None,) * 10
    await database.close()


def test_rings_are_bounded_and_what_is_seen_has_one() -> None:
    rings = Rings()
    for number in range(MOST_RINGS + 5):
        rings.push(NOW, _reading(1.0, f"m{number}"), seen=False)
    assert rings.get(f"m{MOST_RINGS + 4}") is None
    rings.push(NOW, _reading(1.0, "on screen"), seen=True)
    assert rings.get("on screen") is not None
    assert sum(rings.get(f"m{number}") is not None for number in range(MOST_RINGS + 5)) == MOST_RINGS - 1
    rings.drop("on screen")
    assert rings.get("on screen") is None


@pytest.mark.parametrize(("seconds", "points"), [(0, 0), (-5, -5), (1e9, 10**9), (600, 1)])
async def test_any_wish_is_bounded(seconds: float, points: int) -> None:
    series = await history(HistoryWanted("m", seconds, points), NOW, 1.0, Ring(), None)
    assert 1 <= len(series.readings) <= 2000
