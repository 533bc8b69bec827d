"""What virsh does to the snapshots of a machine on screen is seen by the cockpit's worker, and soon."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator

import pytest

from clonebox_tui.client import Client
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.rpc import SnapshotsChanged, Watch
from tests.guests.fixtures import SYSTEM, MachineMaker
from tests.worker.conftest import ended, worker_pid

pytestmark = pytest.mark.qemu
BUSY_SECONDS = 60.0
"""Looked for is every 2 s; a host that is busy with other tests may take longer over everything."""


@pytest.fixture
async def client(world: object) -> AsyncIterator[Client]:
    """A front end of a worker on the system's libvirt; both go in the end."""
    del world
    where: Places = places(os.environ, os.geteuid())
    made = await Client.connect(where, worker_arguments=("--connect", SYSTEM))
    pid = worker_pid(where)
    yield made
    await made.close()
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 15)
    assert ended(pid)


async def _virsh(*words: str) -> float:
    """Run it; when it was done."""
    process = await asyncio.create_subprocess_exec("virsh", "-q", "-c", SYSTEM, *words)
    assert await process.wait() == 0
    return time.monotonic()


async def test_taken_reverted_and_deleted_by_virsh(client: Client, micro_machines: MachineMaker) -> None:
    made = micro_machines(start=False)
    id, told = machine_id(SYSTEM, made.uuid), asyncio.Queue[SnapshotsChanged]()
    client.listen(lambda event: told.put_nowait(event) if isinstance(event, SnapshotsChanged) else None)
    await client.watch(Watch(samples=False, detail=(id,)))
    delays = []
    async with asyncio.timeout(5 * BUSY_SECONDS):
        assert (await told.get()).snapshots == ()
        for words, expected in (
            (("snapshot-create-as", made.name, "one"), {("one", "", True)}),
            (("snapshot-create-as", made.name, "two"), {("one", "", False), ("two", "one", True)}),
            (("snapshot-revert", made.name, "one"), {("one", "", True), ("two", "one", False)}),
            (("snapshot-delete", made.name, "two"), {("one", "", True)}),
        ):
            done, seen = await _virsh(*words), None
            while seen != expected:
                found = (await told.get()).snapshots
                seen = {(each.name, each.parent, each.current) for each in found}
            delays.append(time.monotonic() - done)
    print(f"seen after {', '.join(f'{each:.1f}' for each in delays)} s")
    assert max(delays) < BUSY_SECONDS
