"""Rate and time left are told when they are known, and only then."""

from hypothesis import given
from hypothesis import strategies as st

from clonebox_tui.engine.progress import Meter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_steady_pace_is_found() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.told("copying", 0, 1000, "bytes")
    for second in range(1, 6):
        clock.now += 1
        told = meter.told("copying", 100 * second, 1000, "bytes")
    assert told.rate == 100
    assert told.eta_seconds == 5


def test_without_a_total_no_end_is_promised() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.told("reading", 0, None, "packages")
    clock.now += 1
    told = meter.told("reading", 7, None, "packages")
    assert (told.rate, told.eta_seconds, told.fraction) == (7, None, None)


def test_a_new_phase_starts_anew() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.told("one", 0, 10, "steps")
    clock.now += 1
    assert meter.told("one", 5, 10, "steps").rate == 5
    assert meter.told("two", 0, 10, "steps").rate is None


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 1e12)), max_size=30))
def test_whatever_is_told_rate_and_time_left_are_never_negative(told: list[tuple[float, float]]) -> None:
    clock = Clock()
    meter = Meter(clock)
    for seconds, done in told:
        clock.now += seconds
        progress = meter.told("phase", done, 1e12, "bytes")
        assert progress.rate is None or progress.rate >= 0
        assert progress.eta_seconds is None or progress.eta_seconds >= 0
