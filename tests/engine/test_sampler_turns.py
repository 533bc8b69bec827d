"""Proves that what is read in turn, or not at every tick, leaves no holes in graphs."""

import asyncio
from collections.abc import Sequence

import msgspec

from clonebox_tui.engine.sampler import Sampler
from clonebox_tui.model.rpc import HistoryWanted
from clonebox_tui.model.sample import Counters, Reading
from tests.engine.test_sampler import Forgetful, _fleet, _named
from tests.fixtures.virtual_time import in_virtual_time, wall_clock


@in_virtual_time
async def test_a_machine_that_nobody_looked_at_has_a_past_of_disk_and_network_too() -> None:
    fleet = await _fleet(provider=Forgetful)
    web, db, off = (_named(fleet, name) for name in ("web-dev", "staging", "scratch"))
    sampler = Sampler(fleet, clock=wall_clock)
    sampler.watch("screen", [web.id])
    sampler.begin()
    await asyncio.sleep(60.5)
    past = await sampler.history(HistoryWanted(db.id, seconds=45, points=45))
    assert all(
        reading and None not in (reading.disk_read_rate, reading.disk_write_rate, reading.net_rx_rate)
        for reading in past.readings
    )
    assert not any((await sampler.history(HistoryWanted(off.id, seconds=45, points=45))).readings)
    provider, uuid = fleet.provider_of(db.id)
    await provider.kill(uuid)
    await asyncio.sleep(2)
    assert sampler.current([db.id]).readings == (Reading(db.id),)
    await sampler.close()


class Busy(Forgetful):
    """Tells nothing costly while it is `busy` but what it knows without asking, as libvirt's NOWAIT."""

    busy = False

    async def counters(self, detailed: frozenset[str]) -> Sequence[Counters]:
        found = await super().counters(detailed)
        costly = ("memory_used_bytes", "disk_read_bytes", "disk_write_bytes")
        lacks = dict.fromkeys(costly) if self.busy else {}
        return [msgspec.structs.replace(each, **lacks) for each in found]


@in_virtual_time
async def test_a_machine_that_is_busy_for_a_moment_has_no_hole_but_one_that_stays_so_has() -> None:
    fleet = await _fleet(provider=Busy)
    web = _named(fleet, "web-dev")
    provider = fleet.provider_of(web.id)[0]
    assert isinstance(provider, Busy)
    sampler = Sampler(fleet, clock=wall_clock)
    sampler.watch("screen", [web.id])
    sampler.begin()
    await asyncio.sleep(3.5)
    provider.busy = True
    for seconds, whole in ((2, True), (8, False)):
        await asyncio.sleep(seconds)
        [reading] = sampler.current([web.id]).readings
        known = [reading.memory_used_bytes, reading.disk_read_rate, reading.disk_write_rate]
        assert [each is not None for each in known] == [whole] * 3
        assert reading.cpu_percent is not None
    await sampler.close()
