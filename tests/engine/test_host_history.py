"""Proves that the host itself has a history: on the machines' axis, kept over a restart, gaps as gaps."""

import asyncio
from pathlib import Path

import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.host_traffic import HostTraffic, is_this_host
from clonebox_tui.engine.sampler import Sampler
from clonebox_tui.model.connection import HostReading
from clonebox_tui.model.rpc import HistoryWanted
from clonebox_tui.model.sample import Reading, Series
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from clonebox_tui.store.database import Database
from clonebox_tui.store.samples import KEPT_MINUTES, SampleStore
from tests.engine.test_sampler import KeptMinutes
from tests.fixtures.virtual_time import EPOCH, in_virtual_time, wall_clock

DEMO = "simulated://demo?machines=12"


class Forgetful(SimulatedProvider):
    """Tells nothing of the past, as real providers do."""

    past = None  # type: ignore[assignment]


async def _sampler(provider: type[SimulatedProvider], store: KeptMinutes | None = None) -> Sampler:
    fleet = Fleet(lambda uri: provider(uri, wall_clock), wall_clock)
    fleet.add(DEMO)
    await fleet.opened(30)
    sampler = Sampler(fleet, store, clock=wall_clock)
    sampler.begin()
    return sampler


def _known(series: Series) -> list[bool]:
    return [reading is not None for reading in series.readings]


@in_virtual_time
async def test_a_host_is_asked_by_its_connection_and_has_all_seven_figures() -> None:
    sampler = await _sampler(Forgetful)
    sampler.watch("screen", [])
    await asyncio.sleep(30.5)
    series = await sampler.history(HistoryWanted(DEMO, 60, 60))
    newest = series.readings[-1]
    assert newest is not None
    assert newest.id == DEMO
    assert None not in (
        newest.cpu_percent,
        newest.memory_total_bytes,
        newest.disk_read_rate,
        newest.net_tx_rate,
    )
    # Half of the minute nobody had looked yet.
    assert _known(series).index(True) in range(27, 33)
    await sampler.close()


@in_virtual_time
async def test_minutes_of_the_host_outlive_the_worker_and_the_time_between_is_a_gap() -> None:
    kept = KeptMinutes()
    first = await _sampler(Forgetful, kept)
    await asyncio.sleep(600)
    await first.close()
    await asyncio.sleep(1_800)
    second = await _sampler(Forgetful, kept)
    await asyncio.sleep(600)
    known = _known(await second.history(HistoryWanted(DEMO, 3_600, 60)))
    begins = known.index(True)
    assert known[begins : begins + 8] == [True] * 8
    assert known[begins + 12 : begins + 38] == [False] * 26
    # The present minute is not over.
    assert known[-9:-1] == [True] * 8
    await second.close()


@in_virtual_time
async def test_a_demo_has_a_past_of_a_day_that_joins_its_present() -> None:
    sampler = await _sampler(SimulatedProvider)
    sampler.watch("screen", [])
    await asyncio.sleep(5)
    series = await sampler.history(HistoryWanted(DEMO, 86_400, 240))
    assert all(_known(series))
    figures = [reading.cpu_percent for reading in series.readings if reading and reading.cpu_percent]
    assert len(set(figures)) > 100
    assert all(0 < figure < 100 for figure in figures)
    await sampler.close()


async def test_what_is_kept_of_a_host_is_bounded_by_a_day(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "store.sqlite")
    store, today = SampleStore(database), int(EPOCH // 60)
    await store.rollup([(today - KEPT_MINUTES - 60, Reading(DEMO, 1.0)), (today - 5, Reading(DEMO, 2.0))])
    await store.rollup([(today + minute, Reading(DEMO, 3.0)) for minute in range(11)])
    assert len(await store.past(DEMO, 0, today + 100)) == 12
    await database.close()


@pytest.mark.parametrize(
    ("uri", "here"),
    [
        ("qemu:///session", True),
        ("qemu:///system?mode=direct", True),
        ("qemu+ssh://mia@far/system", False),
        ("qemu+tls://far/system", False),
        ("simulated://demo?machines=3", False),
    ],
)
def test_only_this_host_s_own_traffic_is_counted(uri: str, here: bool) -> None:
    assert is_this_host(uri) is here


def test_traffic_is_a_gap_at_first_and_never_negative() -> None:
    traffic, bare = HostTraffic(), HostReading("qemu:///session", 1.0, 2, 3)
    assert traffic.added_to(bare) == bare
    again = traffic.added_to(bare)
    assert again.cpu_percent == 1.0
    for rate in (again.disk_read_rate, again.disk_write_rate, again.net_rx_rate, again.net_tx_rate):
        assert rate is None or rate >= 0
