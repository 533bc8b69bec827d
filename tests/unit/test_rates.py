"""Proves that rates are true where they can be formed, and gaps everywhere else."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from clonebox_tui.model.sample import Counters, Reading, rates

BEFORE = Counters("m", 1_000_000_000, 7, True, 2, 500_000_000, 10, 100, 1000, 2000, 3000, 4000)
AFTER = Counters("m", 3_000_000_000, 7, True, 2, 1_500_000_000, 20, 100, 1200, 2400, 3600, 4800)


def test_between_two_counters_of_a_run() -> None:
    assert rates(BEFORE, AFTER) == Reading("m", 25.0, 20, 100, 100.0, 200.0, 300.0, 400.0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, AFTER, id="first sample"),
        pytest.param(msgspec.structs.replace(BEFORE, run=6), AFTER, id="restarted"),
        pytest.param(msgspec.structs.replace(BEFORE, running=False, run=-1), AFTER, id="was off"),
        pytest.param(AFTER, AFTER, id="no time passed"),
        pytest.param(msgspec.structs.replace(AFTER, time_ns=9_000_000_000), AFTER, id="time went back"),
    ],
)
def test_without_two_counters_of_a_run_there_is_memory_and_a_gap(
    before: Counters | None, after: Counters
) -> None:
    assert rates(before, after) == Reading("m", None, 20, 100)


def test_a_machine_that_does_not_run_has_nothing() -> None:
    assert rates(BEFORE, msgspec.structs.replace(AFTER, running=False)) == Reading("m")


def test_a_counter_that_went_back_is_a_gap_of_its_own() -> None:
    reading = rates(BEFORE, msgspec.structs.replace(AFTER, net_rx_bytes=5))
    assert (reading.net_rx_rate, reading.net_tx_rate, reading.cpu_percent) == (None, 400.0, 25.0)


def test_a_counter_that_was_not_asked_for_is_a_gap_of_its_own() -> None:
    reading = rates(msgspec.structs.replace(BEFORE, disk_read_bytes=None), AFTER)
    assert (reading.disk_read_rate, reading.disk_write_rate) == (None, 200.0)


_number = some.none() | some.integers(0, 2**64)
_counters = some.builds(
    Counters, some.just("m"), some.integers(0, 2**63), some.integers(-1, 3), some.booleans(),
    some.integers(0, 8), _number, _number, _number, _number, _number, _number, _number,
)  # fmt: skip


@given(some.none() | _counters, _counters)
def test_no_rate_is_ever_negative_and_no_cpu_over_full(before: Counters | None, after: Counters) -> None:
    reading = rates(before, after)
    figures = (
        reading.cpu_percent, reading.disk_read_rate, reading.disk_write_rate,
        reading.net_rx_rate, reading.net_tx_rate,
    )  # fmt: skip
    assert all(figure is None or figure >= 0 for figure in figures)
    assert reading.cpu_percent is None or reading.cpu_percent <= 100
