"""libvirtd killed, stopped and started again: said at once, machines kept as they were, found again."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.client import Client
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model.acts import CreateSnapshot
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import State, machine_id
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code
from clonebox_tui.providers import provider_for
from clonebox_tui.providers.libvirt.connection import KEEPALIVE, LONGEST_DELAY_SECONDS
from tests.faults.second_libvirtd import SecondLibvirtd
from tests.faults.site import up
from tests.guests import domain as domains
from tests.guests.micro import MicroGuest
from tests.worker.conftest import alive, ended, worker_pid

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a second daemon"),
]

NOTICE_SECONDS = 1.0
_BUSY = 5.0
"""What a host that runs other tests at the same time may add."""


@pytest.fixture
def daemon() -> Iterator[SecondLibvirtd]:
    made = SecondLibvirtd()
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def machine(daemon: SecondLibvirtd, micro_guest: MicroGuest, micro_disk: Path) -> str:
    """The id of a running machine of that daemon."""
    connection = libvirt.open(daemon.uri)
    try:
        disk = daemon.root / "disk.qcow2"
        disk.write_bytes(micro_disk.read_bytes())
        domain = connection.defineXML(domains.micro_xml(micro_guest, domains.unique_name(), disk=disk))
        domain.create()
        return machine_id(daemon.uri, domain.UUIDString())
    finally:
        connection.close()


@pytest.fixture
async def fleet(daemon: SecondLibvirtd, machine: str) -> AsyncIterator[Fleet]:
    made = Fleet(provider_for)
    made.add(daemon.uri)
    await made.opened(60)
    assert made.machine(machine).state is State.RUNNING
    yield made
    await made.close()


async def _until(fleet: Fleet, uri: str, holds: Callable[[Connection], bool], seconds: float) -> float:
    """How long it took until the connection was so."""
    began = time.monotonic()
    async with asyncio.timeout(seconds):
        while not holds(fleet.connections[uri]):  # noqa: ASYNC110 both ends of a change are looked at
            await asyncio.sleep(0.01)
    return time.monotonic() - began


async def test_a_killed_daemon_is_told_at_once_and_found_again(
    daemon: SecondLibvirtd, machine: str, fleet: Fleet
) -> None:
    daemon.signal(signal.SIGKILL)
    await _until(fleet, daemon.uri, lambda each: each.link is not Link.UP, NOTICE_SECONDS + _BUSY)
    lost = fleet.connections[daemon.uri]
    assert lost.problem is not None
    assert abs(time.time() - lost.since) < NOTICE_SECONDS + _BUSY
    assert fleet.machine(machine).state is State.RUNNING
    await asyncio.to_thread(daemon.start)
    await _until(fleet, daemon.uri, lambda each: each.link is Link.UP, LONGEST_DELAY_SECONDS + _BUSY)
    await fleet.refresh(daemon.uri)
    assert fleet.machine(machine).state is State.RUNNING


async def test_a_stopped_daemon_is_told_by_its_silence(
    daemon: SecondLibvirtd, machine: str, fleet: Fleet
) -> None:
    interval, probes = KEEPALIVE
    daemon.signal(signal.SIGSTOP)
    try:
        silent = interval * (probes + 1) + NOTICE_SECONDS + _BUSY
        await _until(fleet, daemon.uri, lambda each: each.link is not Link.UP, silent)
        assert fleet.machine(machine).state is State.RUNNING
    finally:
        daemon.signal(signal.SIGCONT)
    # Its try to connect may have begun while nobody answered.
    await _until(fleet, daemon.uri, lambda each: each.link is Link.UP, 2 * LONGEST_DELAY_SECONDS + _BUSY)
    await fleet.refresh(daemon.uri)
    assert list(fleet.machines) == [machine]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_job_ends_in_a_true_state(
    world: Path, daemon: SecondLibvirtd, machine: str, number: int
) -> None:
    where = places(os.environ, os.geteuid())
    try:
        async with await Client.connect(where, worker_arguments=("--connect", daemon.uri)) as client:
            async with asyncio.timeout(60):
                await up(client)
            job = await client.run(CreateSnapshot(machine, "while-it-dies"))
            await asyncio.sleep(0.15)
            daemon.signal(number)
            await asyncio.sleep(1)
            await asyncio.to_thread(_start_again, daemon)
            async with asyncio.timeout(180):
                ended_job = await client.wait(job.id)
    finally:
        pid = worker_pid(where)
        if pid and alive(pid):
            os.kill(pid, signal.SIGTERM)
            assert ended(pid)
    _check_truth(ended_job, _snapshots(daemon, machine))


def _start_again(daemon: SecondLibvirtd) -> None:
    daemon.signal(signal.SIGKILL)
    daemon.start()


def _snapshots(daemon: SecondLibvirtd, machine: str) -> list[str]:
    connection = libvirt.open(daemon.uri)
    try:
        return list(connection.lookupByUUIDString(machine.rpartition("/")[2]).snapshotListNames())
    finally:
        connection.close()


def _check_truth(job: Job, snapshots: list[str]) -> None:
    if job.state is JobState.SUCCEEDED:
        assert snapshots == ["while-it-dies"]
    else:
        assert job.state is JobState.ROLLED_BACK
        assert snapshots == []
        assert job.problem is not None
        assert job.problem.code in (Code.CONNECTION_LOST, Code.CONNECTION_FAILED, Code.LIBVIRT_ERROR)
