"""An hour of ticks leaves nothing behind: neither in the worker's sampler nor in what a cockpit keeps."""

import gc
import tracemalloc
from collections.abc import Iterator

import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.sampler import Sampler
from clonebox_tui.providers import provider_for
from clonebox_tui.tui.session import Session

pytestmark = pytest.mark.slow

HOUR_TICKS = 3_600
SETTLED_TICKS = 2_600
"""By then every ring and trace is full: the longest keeps 2 400 points."""
NOISE_BYTES = 96 * 1024
"""A leak of one small object a machine and tick would be megabytes."""
URI = "simulated://demo?machines=12&seed=1"


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    """Every allocation is counted."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


class Hour:
    """A clock that goes on by one second a tick."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_the_sampler_is_flat_over_an_hour() -> None:
    clock = Hour()
    fleet = Fleet(provider_for)
    fleet.add(URI)
    assert await fleet.opened(60)
    sampler = Sampler(fleet, clock=clock)
    sampler.watch("cockpit", {next(iter(fleet.machines))})
    frames: list[int] = []
    sampler.subscribe(lambda samples: frames.append(len(samples.readings)))
    settled = 0
    try:
        for number in range(HOUR_TICKS):
            clock.now += 1
            await sampler.tick()
            frames.clear()
            if number == SETTLED_TICKS:
                settled = _held()
        assert _held() - settled < NOISE_BYTES
    finally:
        await sampler.close()
        await fleet.close()


async def test_what_a_cockpit_keeps_is_flat_over_an_hour() -> None:
    clock = Hour()
    fleet = Fleet(provider_for)
    fleet.add(URI)
    assert await fleet.opened(60)
    sampler = Sampler(fleet, clock=clock)
    session = Session(clock)
    session.select(next(iter(fleet.machines)))
    settled = 0
    try:
        await sampler.tick()
        await sampler.tick()
        for number in range(HOUR_TICKS):
            clock.now += 1
            session.apply(sampler.current())
            if number == SETTLED_TICKS:
                settled = _held()
        assert _held() - settled < NOISE_BYTES
    finally:
        await sampler.close()
        await fleet.close()
