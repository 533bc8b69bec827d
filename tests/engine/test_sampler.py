"""Proves that readings come in time, that a hung host takes none along, and that history is true."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.sampler import Sampler
from clonebox_tui.model.connection import Link
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.rpc import HistoryWanted, Samples
from clonebox_tui.model.sample import Counters, Reading, Series
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from tests.fixtures.virtual_time import EPOCH, in_virtual_time, wall_clock

DEMO = "simulated://demo?machines=12"


class KeptMinutes:
    """A store in memory."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, Reading]] = []

    async def rollup(self, rows: Sequence[tuple[int, Reading]]) -> None:
        self.rows += rows

    async def past(self, machine: str, first_minute: int, last_minute: int) -> Sequence[tuple[int, Reading]]:
        return [
            (minute, reading)
            for minute, reading in self.rows
            if reading.id == machine and first_minute <= minute <= last_minute
        ]


class Forgetful(SimulatedProvider):
    """Tells nothing of the past, as real providers do."""

    past = None  # type: ignore[assignment]


class WithoutNetwork(Forgetful):
    """Knows no network counters, as QEMU's own user network doesn't; counts what the agent is asked."""

    asked = 0
    at_once = 0
    most_at_once = 0
    agent_seconds = 0.01

    async def counters(self, detailed: frozenset[str]) -> Sequence[Counters]:
        found = await super().counters(detailed)
        return [msgspec.structs.replace(each, net_rx_bytes=None, net_tx_bytes=None) for each in found]

    async def agent(self, uuid: str, command: dict[str, object], timeout_seconds: float) -> object:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.agent_seconds)
            return await super().agent(uuid, command, timeout_seconds)
        finally:
            self.at_once -= 1


async def _fleet(*uris: str, provider: type[SimulatedProvider] = SimulatedProvider) -> Fleet:
    fleet = Fleet(lambda uri: provider(uri, wall_clock), wall_clock)
    for uri in uris or (DEMO,):
        fleet.add(uri)
    await fleet.opened(30)
    return fleet


def _named(fleet: Fleet, name: str) -> Machine:
    return next(machine for machine in fleet.machines.values() if machine.name == name)


def _last(frames: list[Samples], machine: str) -> Reading:
    return next(each for frame in reversed(frames) for each in frame.readings if each.id == machine)


def _has_cpu(series: Series) -> list[bool]:
    return [reading is not None and reading.cpu_percent is not None for reading in series.readings]


@in_virtual_time
async def test_a_watched_machine_has_all_its_figures_and_others_their_cpu() -> None:
    fleet = await _fleet()
    web, db, off = (_named(fleet, name).id for name in ("web-dev", "staging", "scratch"))
    sampler, frames = Sampler(fleet, clock=wall_clock), list[Samples]()
    sampler.subscribe(frames.append)
    sampler.watch("screen", [web])
    sampler.begin()
    await asyncio.sleep(3.5)
    seen, other = _last(frames, web), _last(frames, db)
    assert seen.cpu_percent is not None
    assert 0 < seen.cpu_percent <= 100
    assert seen.memory_used_bytes is not None
    assert None not in (seen.disk_read_rate, seen.disk_write_rate, seen.net_rx_rate, seen.net_tx_rate)
    assert other.cpu_percent is not None
    assert _last(frames, off) == Reading(off)
    assert frames[-1].hosts or frames[0].hosts
    await sampler.close()


@in_virtual_time
async def test_only_what_is_drawn_differently_is_told_again() -> None:
    fleet = await _fleet("simulated://demo?machines=200")
    sampler, frames = Sampler(fleet, clock=wall_clock), list[Samples]()
    sampler.subscribe(frames.append)
    sampler.watch("screen", [])
    sampler.begin()
    await asyncio.sleep(6.5)
    assert len(frames[0].readings) == 200
    assert all(0 < len(frame.readings) < 170 for frame in frames[2:])
    assert len(sampler.current().readings) == 200
    off = _named(fleet, "scratch").id
    assert sum(each.id == off for frame in frames for each in frame.readings) == 1
    await sampler.close()


@in_virtual_time
async def test_a_hung_connection_delays_no_frame_and_is_asked_once() -> None:
    hung = "simulated://hung?machines=2&hang=counters"
    fleet = await _fleet(DEMO, hung)
    sampler, frames = Sampler(fleet, clock=wall_clock), list[Samples]()
    sampler.subscribe(frames.append)
    sampler.watch("screen", [])
    sampler.begin()
    await asyncio.sleep(10)
    assert len(frames) >= 9
    assert max(frame.time % 1 for frame in frames) < 0.6
    assert {each.id.partition("?")[0] for frame in frames for each in frame.readings} == {"simulated://demo"}
    assert fleet.connections[hung].link is Link.UP
    await sampler.close()


@in_virtual_time
async def test_a_slow_connection_is_sampled_as_often_as_it_answers() -> None:
    fleet = await _fleet("simulated://demo?machines=3&delay=5")
    sampler, frames = Sampler(fleet, clock=wall_clock), list[Samples]()
    sampler.subscribe(frames.append)
    sampler.watch("screen", [])
    sampler.begin()
    await asyncio.sleep(31)
    assert 4 <= len(frames) <= 6
    assert _last(frames, _named(fleet, "build").id).cpu_percent is not None
    await sampler.close()


@in_virtual_time
async def test_a_paused_and_a_restarted_machine_have_gaps() -> None:
    fleet = await _fleet()
    web = _named(fleet, "web-dev")
    provider, uuid = fleet.provider_of(web.id)
    sampler = Sampler(fleet, clock=wall_clock)
    sampler.watch("screen", [web.id])

    async def cpu() -> float | None:
        await asyncio.sleep(1)
        await sampler.tick()
        return next(each.cpu_percent for each in sampler.current().readings if each.id == web.id)

    assert [await cpu() is None, await cpu() is None] == [True, False]
    await provider.pause(uuid)
    assert [await cpu(), await cpu()] == [None, None]
    await provider.resume(uuid)
    assert [await cpu() is None, await cpu() is None] == [True, False]
    await provider.kill(uuid)
    await provider.start(uuid)
    assert [await cpu() is None, await cpu() is None] == [True, False]
    await sampler.close()


@in_virtual_time
async def test_network_comes_from_the_guest_where_the_host_knows_none() -> None:
    fleet = await _fleet(provider=WithoutNetwork)
    web = _named(fleet, "web-dev")
    provider = fleet.provider(DEMO)
    assert isinstance(provider, WithoutNetwork)
    sampler, frames = Sampler(fleet, clock=wall_clock), list[Samples]()
    sampler.subscribe(frames.append)
    sampler.watch("screen", [web.id, _named(fleet, "old-ci").id])
    sampler.begin()
    await asyncio.sleep(5.5)
    assert (_last(frames, web.id).net_rx_rate or 0) > 0
    assert provider.most_at_once == 1
    provider.agent_seconds = 100.0
    asked, count = provider.asked, len(frames)
    await asyncio.sleep(10)
    assert provider.asked == asked + 1
    assert len(frames) >= count + 9
    assert _last(frames, web.id).net_rx_rate is None
    await sampler.close()


@in_virtual_time
async def test_nobody_watching_costs_one_call_a_minute_and_keeps_history() -> None:
    fleet = await _fleet(provider=Forgetful)
    store = KeptMinutes()
    sampler, frames = Sampler(fleet, store, wall_clock), list[Samples]()
    sampler.subscribe(frames.append)
    sampler.begin()
    await asyncio.sleep(601)
    assert len(frames) <= 11
    web = _named(fleet, "web-dev").id
    minutes = [minute for minute, reading in store.rows if reading.id == web]
    assert len(minutes) == 9
    assert len(set(minutes)) == 9
    assert all(reading.cpu_percent is not None for _, reading in store.rows if reading.id == web)
    series = await sampler.history(HistoryWanted(web, 600, 60))
    assert sum(reading is not None for reading in series.readings) >= 50
    sampler.watch("screen", [])
    before = len(frames)
    await asyncio.sleep(2.5)
    assert len(frames) >= before + 2
    await sampler.close()


@in_virtual_time
async def test_history_is_one_reading_a_step_and_says_where_nothing_was_recorded() -> None:
    fleet = await _fleet(provider=Forgetful)
    web = _named(fleet, "web-dev").id
    sampler = Sampler(fleet, clock=wall_clock)
    sampler.watch("screen", [web])
    sampler.begin()
    await asyncio.sleep(30.5)
    series = await sampler.history(HistoryWanted(web, 60, 60))
    assert (series.step_seconds, len(series.readings)) == (1.0, 60)
    assert series.end == pytest.approx(EPOCH + 31)
    assert _has_cpu(series) == [False] * 30 + [True] * 30
    rough = await sampler.history(HistoryWanted(web, 60, 6))
    assert _has_cpu(rough) == [False] * 3 + [True] * 3
    fine = [each.cpu_percent for each in series.readings[50:] if each and each.cpu_percent is not None]
    last = rough.readings[-1]
    assert last is not None
    assert last.cpu_percent == pytest.approx(sum(fine) / len(fine))
    await sampler.close()


@in_virtual_time
async def test_a_lost_link_gives_gaps_not_old_figures() -> None:
    fleet = await _fleet("simulated://demo?machines=3&down=after:3")
    sampler, frames = Sampler(fleet, clock=wall_clock), list[Samples]()
    sampler.subscribe(frames.append)
    sampler.watch("screen", [])
    sampler.begin()
    await asyncio.sleep(6)
    web = _named(fleet, "web-dev").id
    assert any(each.cpu_percent for frame in frames for each in frame.readings if each.id == web)
    assert _last(frames, web) == Reading(web)
    await sampler.close()


@in_virtual_time
async def test_a_demo_has_a_past_that_agrees_with_its_present() -> None:
    fleet = await _fleet()
    web, off = _named(fleet, "web-dev").id, _named(fleet, "scratch").id
    sampler = Sampler(fleet, clock=wall_clock)
    sampler.watch("screen", [web])
    sampler.begin()
    await asyncio.sleep(60.5)
    sampled = await sampler.history(HistoryWanted(web, 50, 2))
    told = await Sampler(fleet, clock=wall_clock).history(HistoryWanted(web, 50, 2))
    for mine, its in zip(sampled.readings, told.readings, strict=True):
        assert mine is not None
        assert its is not None
        assert mine.cpu_percent == pytest.approx(its.cpu_percent, rel=0.25, abs=2)
    assert all((await sampler.history(HistoryWanted(web, 600, 300))).readings)
    assert not any((await sampler.history(HistoryWanted(off, 600, 300))).readings)
    await sampler.close()
