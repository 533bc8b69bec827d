"""What the worker lets go of once nobody is there: connections that were only passing, and itself."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from clonebox_tui.client import Client
from clonebox_tui.engine.core import Engine, World
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.machine import Machine, State
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.rpc import FLEET, Nothing
from clonebox_tui.providers import provider_for
from clonebox_tui.worker.passing_connections import PassingConnections
from tests.worker.conftest import Join, ended

OWN, OTHER = "simulated://own?machines=1", "simulated://other?machines=1"
_HOST = "qemu+unix:///nowhere"


@pytest.fixture
async def fleet() -> AsyncIterator[Fleet]:
    """A fleet with one connection of its own."""
    made = Fleet(provider_for)
    made.add(OWN)
    await made.opened(60)
    yield made
    await made.close()


async def _only_own(fleet: Fleet) -> bool:
    """Whether all but its own connection is closed within a while."""
    for _ in range(1200):
        if [*fleet.connections] == [OWN]:
            return {machine.connection for machine in fleet.machines.values()} == {OWN}
        await asyncio.sleep(0.05)
    return False


async def test_a_connection_goes_some_time_after_the_last_who_asked_for_it(fleet: Fleet) -> None:
    passing = PassingConnections(fleet, tuple, linger_seconds=0.2)
    for front_end in ("one", "another"):
        passing.want(front_end, (OWN, OTHER))
    await fleet.opened(60)
    watching = asyncio.create_task(passing.watch())
    try:
        passing.left("one")
        await asyncio.sleep(0.5)
        assert set(fleet.connections) == {OWN, OTHER}
        passing.left("another")
        assert await _only_own(fleet)
        passing.want("third", (OTHER,))
        assert set(fleet.connections) == {OWN, OTHER}
    finally:
        watching.cancel()


async def test_what_is_kept_or_at_work_stays(fleet: Fleet) -> None:
    needed = [OTHER]
    passing = PassingConnections(fleet, lambda: needed, linger_seconds=0.1)
    passing.want("one", (OTHER,))
    passing.left("one")
    watching = asyncio.create_task(passing.watch())
    try:
        await asyncio.sleep(0.4)
        assert OTHER in fleet.connections
        needed.clear()
        assert await _only_own(fleet)
    finally:
        watching.cancel()


async def test_a_front_end_s_own_connection_is_seen_by_the_next_one_too(join: Join) -> None:
    async with await _with(join, OTHER) as client:
        assert len((await client.fleet()).connections) == 2
    # Within the time that it lingers.
    late = await join()
    assert len((await late.call(FLEET, Nothing())).connections) == 2


async def _with(join: Join, *uris: str) -> Client:
    return await join(uris=uris)


@pytest.mark.parametrize(
    ("managed", "state", "link", "busy"),
    [
        (True, State.RUNNING, Link.UP, True),
        (False, State.RUNNING, Link.UP, False),
        (True, State.OFF, Link.UP, False),
        (True, State.RUNNING, Link.DOWN, False),
    ],
)
async def test_only_a_machine_of_ours_that_is_seen_to_run_keeps_the_worker(
    where: Places, managed: bool, state: State, link: Link, busy: bool
) -> None:
    engine = await Engine.open(World(where, uris=("simulated://none?machines=0",)))
    try:
        assert not engine.busy
        engine.fleet.connection_changed(Connection(_HOST, link, 0.0, "qemu"))
        engine.fleet.machine_changed(Machine(f"{_HOST}/u", "web", state, _HOST, "u", managed=managed))
        assert engine.busy is busy
    finally:
        await engine.close()


async def test_a_worker_that_only_sees_machines_of_others_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CLONEBOX_IDLE_SECONDS", "0.5")
    # libvirt's own test driver: one running machine that nobody here made.
    real = places(os.environ, os.getuid())
    client = await Client.connect(real, worker_arguments=("--connect", "test:///default"))
    machines = (await client.call(FLEET, Nothing())).machines
    assert [machine.state for machine in machines] == [State.RUNNING]
    pid = client.welcome.pid
    await client.close()
    assert await asyncio.to_thread(ended, pid)
