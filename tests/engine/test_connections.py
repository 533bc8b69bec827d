"""Connections come and go while a worker lives: kept for the next one, left without a trace on the screen."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clonebox_tui.engine import kept_connections
from clonebox_tui.engine.core import World, connections_of
from clonebox_tui.engine.fleet import Changes, Fleet
from clonebox_tui.model.connection import Link
from clonebox_tui.model.connection_messages import KeptConnections
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.providers import provider_for

FIRST, SECOND = "simulated://one?machines=3&seed=1", "simulated://two?machines=2&seed=2"
REMOTE = "qemu+ssh://me@web1/system"


@pytest.fixture
async def fleet() -> AsyncIterator[Fleet]:
    made = Fleet(provider_for)
    for uri in (FIRST, SECOND):
        made.add(uri)
    assert await made.opened(10)
    yield made
    await made.close()


async def test_a_connection_that_is_left_takes_only_its_machines_along(fleet: Fleet) -> None:
    told: list[Changes] = []
    fleet.subscribe(told.append)
    await fleet.remove(FIRST)
    fleet.tell_now()
    assert {each.connection for each in fleet.machines.values()} == {SECOND}
    assert list(fleet.connections) == [SECOND]
    assert {uri for changes in told for uri in changes.closed} == {FIRST}
    assert len([id for changes in told for id in changes.removed]) == 3
    with pytest.raises(ProblemError) as refused:
        await fleet.remove(FIRST)
    assert refused.value.problem.code is Code.CONNECTION_NOT_FOUND


async def test_it_can_come_back(fleet: Fleet) -> None:
    await fleet.remove(FIRST)
    fleet.add(FIRST)
    assert await fleet.opened(60)
    assert len(fleet.machines) == 5


async def test_one_that_is_tried_again_keeps_its_machines_meanwhile(fleet: Fleet) -> None:
    before = set(fleet.machines)
    again = asyncio.create_task(fleet.reopen(FIRST))
    await asyncio.sleep(0)
    assert set(fleet.machines) == before
    await again
    assert await fleet.opened(60)
    assert (set(fleet.machines), fleet.connections[FIRST].link) == (before, Link.UP)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "connections.toml"
    assert kept_connections.read(file) == KeptConnections()
    kept = kept_connections.without(
        kept_connections.with_added(KeptConnections(), REMOTE), "qemu:///system", usual=True
    )
    kept_connections.write(file, kept)
    assert kept_connections.read(file) == KeptConnections((REMOTE,), ("qemu:///system",))
    assert file.stat().st_mode & 0o777 == 0o600
    assert kept_connections.opened(kept, ("qemu:///session", "qemu:///system")) == ("qemu:///session", REMOTE)
    again = kept_connections.with_added(kept, "qemu:///system")
    assert again == KeptConnections((REMOTE,), ())


@pytest.mark.parametrize("text", ["added = 3", "added = [", "\0", "left_out = [1]"])
def test_a_file_that_is_not_understood_is_named_and_stops_no_worker(tmp_path: Path, text: str) -> None:
    where = places({"HOME": str(tmp_path)}, 0)
    where.connections.parent.mkdir(parents=True)
    where.connections.write_text(text)
    with pytest.raises(ProblemError) as refused:
        kept_connections.read(where.connections)
    assert refused.value.problem.code is Code.CONFIG_INVALID
    assert connections_of(World(where), 0) == ("qemu:///system",)
