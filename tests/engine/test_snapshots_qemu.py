"""On real QEMU: memory comes back, live shares are parked and back, and a busy one is named."""

import asyncio
import os
import shutil
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.engine.snapshots.handlers import snapshots
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import run as run_in_guest
from clonebox_tui.model.acts import CreateSnapshot, RestoreSnapshot
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import AgentState, Machine, Share
from clonebox_tui.model.problem import Code
from clonebox_tui.model.spec import Boot, MachineSpec
from clonebox_tui.providers.libvirt import provider
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore
from tests.guests import domain as domains
from tests.guests.micro import MicroGuest

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="virtiofs needs the system daemon's root"),
]
WAIT_SECONDS = 240.0


class Bench:
    """A running micro machine with a virtiofs share, and the jobs that act on it."""

    def __init__(self, fleet: Fleet, machine: Machine, database: Database) -> None:
        self.fleet, self.machine = fleet, machine.id
        self.agent = Agent(*fleet.provider_of(machine.id))
        self.jobs = JobRunner(JobStore(database), snapshots(fleet, lambda _machine: self.agent))

    async def job(self, act: CreateSnapshot | RestoreSnapshot) -> Job:
        """The act as a job, to its end."""
        return await self.jobs.wait((await self.jobs.run(act)).id)

    async def guest(self, script: str) -> str:
        """What a script in the guest printed."""
        return (await run_in_guest(self.agent, ["sh", "-c", script], timeout_seconds=WAIT_SECONDS)).text

    async def until_agent(self) -> None:
        """Wait for the agent."""

        def answers(machine: Machine | None) -> bool:
            return machine is not None and machine.agent is AgentState.CONNECTED

        assert await self.fleet.wait_until(self.machine, answers, WAIT_SECONDS)


def _spec(guest: MicroGuest, disk: Path, folder: Path) -> MachineSpec:
    name = domains.unique_name("cbl")
    shutil.copyfile(disk, folder / f"{name}.qcow2")
    (folder / f"{name}.qcow2").chmod(0o666)
    shared = folder / "shared"
    shared.mkdir(mode=0o777)
    (shared / "file").write_text("from the host\n")
    return MachineSpec(
        name=name,
        uuid=str(uuid.uuid4()),
        vcpus=1,
        memory_bytes=192 * 1024**2,
        accelerator="tcg",
        disk_path=str(folder / f"{name}.qcow2"),
        mac="52:54:00:0a:0b:0d",
        boot=Boot(str(guest.kernel), str(guest.initrd), guest.command_line),
        shares=(Share(str(shared), "/mnt/shared", "shared", "virtiofs"),),
        log_path=str(folder / f"{name}.log"),
    )


@pytest.fixture
async def bench(
    system_libvirt: libvirt.virConnect,
    micro_guest: MicroGuest,
    micro_disk: Path,
    machine_folder: Path,
    tmp_path: Path,
) -> AsyncIterator[Bench]:
    spec = _spec(micro_guest, micro_disk, machine_folder)
    fleet = Fleet(provider)
    fleet.add("qemu:///system")
    assert await fleet.opened(60)
    database = await Database.open(tmp_path / "jobs.sqlite")
    try:
        machine = await fleet.providers[0].define(spec)
        await fleet.providers[0].start(spec.uuid)
        made = Bench(fleet, machine, database)
        await made.until_agent()
        await _until(
            made, "mkdir -p /mnt/shared; mount -t virtiofs shared /mnt/shared; cat /mnt/shared/file", "host"
        )
        yield made
        await made.jobs.close()
    finally:
        await fleet.close()
        await database.close()
        domains.remove(system_libvirt, spec.name)


async def _until(bench: Bench, script: str, words: str) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while words not in await bench.guest(script):  # noqa: ASYNC110 nobody tells when a guest is ready
            await asyncio.sleep(0.3)


async def test_memory_comes_back_and_the_share_is_there_again(bench: Bench) -> None:
    await bench.guest("echo 1 > /tmp/counter; echo 1 > /mnt/shared/counter; date -s @$(($(date +%s) - 3600))")
    taken = await bench.job(CreateSnapshot(bench.machine, "one", "a <b> & c"))
    assert taken.state is JobState.SUCCEEDED, taken.problem
    assert "from the host" in await bench.guest("cat /mnt/shared/file")
    await bench.guest("echo 2 > /tmp/counter; echo 2 > /mnt/shared/counter")

    restored = await bench.job(RestoreSnapshot(bench.machine, "one"))
    assert restored.state is JobState.SUCCEEDED, restored.problem
    assert restored.result is not None
    assert restored.result["not_mounted"] == []
    # Memory is as it was; the live share is not rolled back.
    assert await bench.guest("cat /tmp/counter /mnt/shared/counter") == "1\n2\n"
    asked = time.time()
    # It woke up with a clock that was an hour late when the snapshot was taken.
    assert asked - 60 < int(await bench.guest("date +%s")) < time.time() + 60

    # From off: its guest wakes up without the share's device, which is plugged in and mounted.
    provider, number = bench.fleet.provider_of(bench.machine)
    await bench.guest("echo 3 > /mnt/shared/counter")
    await provider.kill(number)
    woken = await bench.job(RestoreSnapshot(bench.machine, "one"))
    assert woken.state is JobState.SUCCEEDED, woken.problem
    assert await bench.guest("cat /tmp/counter /mnt/shared/counter") == "1\n3\n"

    safety = str(restored.result["safety"])
    returned = await bench.job(RestoreSnapshot(bench.machine, safety))
    assert returned.state is JobState.SUCCEEDED, returned.problem
    assert await bench.guest("cat /tmp/counter") == "2\n"


async def test_a_share_in_use_is_named_and_left_alone(bench: Bench) -> None:
    await bench.guest("cd /mnt/shared && sleep 1000 >/dev/null 2>&1 &")
    await _until(bench, "for each in $(pidof sleep); do readlink /proc/$each/cwd; done", "/mnt/shared")
    job = await bench.job(CreateSnapshot(bench.machine, "one"))
    assert job.problem is not None
    assert job.problem.code is Code.SHARE_BUSY
    assert "sleep (pid " in job.problem.why
    assert "/mnt/shared" in job.problem.what
    assert job.state is JobState.ROLLED_BACK
    assert "from the host" in await bench.guest("cat /mnt/shared/file")
    provider, number = bench.fleet.provider_of(bench.machine)
    assert list(await provider.snapshots(number)) == []
