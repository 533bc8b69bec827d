"""Proves that a fleet shows all machines of all connections, and that none delays or hides another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec
import pytest

from clonebox_tui.engine.fleet import Changes, Fleet
from clonebox_tui.model.connection import Link
from clonebox_tui.model.machine import Machine, State
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.providers import provider_for
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from tests.fixtures.virtual_time import in_virtual_time

DEMO = "simulated://demo?machines=5&transition=0.02&boot=0.02"
OTHER = "simulated://other?machines=3&seed=2"


@pytest.fixture
async def fleet() -> AsyncIterator[Fleet]:
    fleet = Fleet(provider_for)
    yield fleet
    await fleet.close()


async def _until(fleet: Fleet, holds: Callable[[], bool]) -> None:
    arrived = asyncio.Event()
    leave = fleet.subscribe(lambda _changes: arrived.set() if holds() else None)
    if not holds():
        await asyncio.wait_for(arrived.wait(), 60)
    leave()


def _named(fleet: Fleet, name: str) -> Machine:
    return next(machine for machine in fleet.machines.values() if machine.name == name)


async def test_all_connections_are_opened_and_listed(fleet: Fleet) -> None:
    fleet.add(DEMO)
    fleet.add(OTHER)
    assert await fleet.opened(60)
    assert len(fleet.machines) == 8
    assert [each.link for each in fleet.connections.values()] == [Link.UP, Link.UP]


async def test_a_connection_that_hangs_delays_no_other(fleet: Fleet) -> None:
    fleet.add("simulated://x?hang=open")
    fleet.add("simulated://y?hang=machines")
    fleet.add(DEMO)
    assert await fleet.opened(60, [DEMO])
    assert len(fleet.machines) == 5
    assert not await fleet.opened(0.05)
    assert fleet.connections["simulated://x?hang=open"].link is Link.CONNECTING


async def test_closing_is_not_held_up_by_one_that_hangs() -> None:
    fleet = Fleet(provider_for)
    fleet.add("simulated://x?hang=machines")
    await fleet.opened(0.05)
    async with asyncio.timeout(30):
        await fleet.close()


@pytest.mark.parametrize(
    "uri", ["nobody://here", "simulated://demo?machines=none", "simulated://demo?colour=1"]
)
async def test_a_uri_that_cannot_be_served_is_a_connection_that_is_down(fleet: Fleet, uri: str) -> None:
    fleet.add(uri)
    connection = fleet.connections[uri]
    assert connection.link is Link.DOWN
    assert connection.problem is not None
    assert connection.problem.code is Code.CONNECTION_FAILED
    with pytest.raises(ProblemError) as caught:
        fleet.provider(uri)
    assert caught.value.problem.why == connection.problem.why


async def test_a_lost_connection_keeps_its_machines_and_is_listed_again(fleet: Fleet) -> None:
    uri = "simulated://demo?machines=4&down=after:0.05:0.3"
    fleet.add(uri)
    assert await fleet.opened(60)
    await _until(fleet, lambda: fleet.connections[uri].link is Link.DOWN)
    assert len(fleet.machines) == 4
    machine = next(iter(fleet.machines))
    with pytest.raises(ProblemError) as caught:
        fleet.provider_of(machine)
    assert caught.value.problem.code is Code.CONNECTION_LOST
    await _until(fleet, lambda: fleet.connections[uri].link is Link.UP)
    assert fleet.provider_of(machine)[1] == fleet.machine(machine).uuid


@in_virtual_time
async def test_subscribers_hear_bursts_as_one() -> None:
    fleet = Fleet(provider_for)
    fleet.add(DEMO)
    assert await fleet.opened(60)
    await asyncio.sleep(0.05)
    heard: list[Changes] = []
    leave = fleet.subscribe(heard.append)
    machine = _named(fleet, "web-dev")
    provider, uuid = fleet.provider_of(machine.id)
    await provider.pause(uuid)
    await provider.resume(uuid)
    await provider.pause(uuid)
    await asyncio.sleep(0.1)
    assert [[each.state for each in changes.machines] for changes in heard] == [[State.PAUSED]]
    leave()
    await provider.resume(uuid)
    await asyncio.sleep(0.05)
    assert len(heard) == 1
    await fleet.close()


async def test_a_machine_that_is_removed_is_told_and_gone(fleet: Fleet) -> None:
    fleet.add(DEMO)
    assert await fleet.opened(60)
    machine = _named(fleet, "scratch")
    provider, uuid = fleet.provider_of(machine.id)
    heard: list[Changes] = []
    fleet.subscribe(heard.append)
    await provider.undefine(uuid)
    assert await fleet.wait_until(machine.id, lambda found: found is None, 60)
    await _until(fleet, lambda: bool(heard))
    assert heard[-1].removed == (machine.id,)
    with pytest.raises(ProblemError) as caught:
        fleet.provider_of(machine.id)
    assert caught.value.problem.code is Code.MACHINE_NOT_FOUND


class _SlowList(SimulatedProvider):
    """Lists what was true before an event, and answers after it."""

    async def machines(self) -> Sequence[Machine]:
        found = await super().machines()
        await asyncio.sleep(0.1)
        return found


async def test_an_event_during_a_listing_is_newer_than_the_list() -> None:
    fleet = Fleet(_SlowList)
    fleet.add(DEMO)
    assert await fleet.opened(60)
    machine = _named(fleet, "web-dev")
    provider, uuid = fleet.provider_of(machine.id)
    listing = asyncio.create_task(fleet.refresh(DEMO))
    await asyncio.sleep(0.02)
    await provider.pause(uuid)
    await listing
    assert fleet.machine(machine.id).state is State.PAUSED
    await fleet.close()


async def test_what_no_event_told_is_found_by_listing_again() -> None:
    fleet = Fleet(provider_for, resync_seconds=0.05)
    fleet.add(DEMO)
    assert await fleet.opened(60)
    machine = _named(fleet, "db")
    fleet.machine_changed(msgspec.structs.replace(machine, state=State.CRASHED))
    await _until(fleet, lambda: fleet.machine(machine.id).state is State.RUNNING)
    fleet.machine_removed(machine.id)
    await _until(fleet, lambda: machine.id in fleet.machines)
    await fleet.close()


async def test_waiting_ends_at_the_timeout(fleet: Fleet) -> None:
    fleet.add(DEMO)
    assert await fleet.opened(60)
    assert not await fleet.wait_until(_named(fleet, "db").id, lambda found: found is None, 0.05)
