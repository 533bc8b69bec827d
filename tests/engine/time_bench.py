"""What tests of the time machine share: a real micro machine of ours, and an engine of parts around it."""

import asyncio
import hashlib
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import libvirt

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.guest.execution import run as run_in_guest
from clonebox_tui.model.acts import Act
from clonebox_tui.model.environment import MEBIBYTE
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.machine import AgentState, Forward, Machine, State, machine_id
from clonebox_tui.model.places import places
from clonebox_tui.model.spec import Boot, MachineSpec
from clonebox_tui.providers.libvirt.definition import Dialect, domain_xml
from clonebox_tui.store.database import Database
from tests.fixtures.ports import free_port
from tests.guests import domain as domains
from tests.guests.micro import MicroGuest

URI = "qemu:///system"
WAIT_SECONDS = 240.0


@dataclass
class TimeBench:
    """One machine (off at first, its disk a layer over `base`), and all that acts on it."""

    engine: Engine
    connection: libvirt.virConnect
    spec: MachineSpec
    folder: Path

    @property
    def fleet(self) -> Fleet:
        return self.engine.fleet

    @property
    def machine(self) -> str:
        return machine_id(URI, self.spec.uuid)

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def disk(self) -> Path:
        return Path(self.spec.disk_path)

    @property
    def domain(self) -> libvirt.virDomain:
        return self.connection.lookupByUUIDString(self.spec.uuid)

    async def job(self, act: Act) -> Job:
        """The act, planned and run to its end."""
        plan = await self.engine.jobs.plan(act, None)
        return await self.engine.jobs.wait((await self.engine.jobs.run(act, plan.fingerprint)).id)

    async def done(self, act: Act) -> dict[str, object]:
        """The same, for one that has to succeed; its result."""
        job = await self.job(act)
        assert job.state is JobState.SUCCEEDED, (job.problem, await self.engine.jobs.lines(job.id))
        return job.result or {}

    async def guest(self, script: str, machine: str = "") -> str:
        """What a script in the guest printed."""
        agent = self.engine.agent(machine or self.machine)
        return (await run_in_guest(agent, ["sh", "-c", script], timeout_seconds=WAIT_SECONDS)).text

    async def up(self, machine: str = "") -> None:
        """Start it, if it does not run, and wait for its agent and its disk."""
        wanted = machine or self.machine
        provider, number = self.fleet.provider_of(wanted)
        if (await provider.details(number)).machine.state is not State.RUNNING:
            await provider.start(number)

        def answers(seen: Machine | None) -> bool:
            return seen is not None and seen.agent is AgentState.CONNECTED

        if not await self.fleet.wait_until(wanted, answers, WAIT_SECONDS / 2):
            self.connection.lookupByUUIDString(number).reset()  # as `domains.boot` does
            assert await self.fleet.wait_until(wanted, answers, WAIT_SECONDS)
        await self.until("grep -c /mnt/vda /proc/mounts", "1", wanted)

    async def until(self, script: str, words: str, machine: str = "") -> None:
        """Wait until a script in the guest prints these words."""
        async with asyncio.timeout(WAIT_SECONDS):
            while words not in await self.guest(script, machine):  # noqa: ASYNC110 nobody tells
                await asyncio.sleep(0.2)

    def hash(self) -> str:
        """Of the machine's disk file, byte by byte."""
        return hashlib.sha256(self.disk.read_bytes()).hexdigest()

    def write(self, script: str) -> None:
        """Change the file system on the disk while the machine is off: debugfs commands on a raw copy."""
        raw = self.folder / "edit.raw"
        subprocess.run(["qemu-img", "convert", "-O", "raw", self.disk, raw], check=True)
        subprocess.run(["/usr/sbin/debugfs", "-w", "-f", "-", raw], input=script.encode(), check=True,
                       capture_output=True)  # fmt: skip
        io = f"write -s {raw} 0 {raw.stat().st_size}"
        subprocess.run(["qemu-io", "-f", "qcow2", "-c", io, self.disk], check=True, capture_output=True)
        raw.unlink()

    def holds(self, path: str) -> bool:
        """Whether the file system on the disk has this path; the machine is off."""
        raw = self.folder / "look.raw"
        subprocess.run(["qemu-img", "convert", "-O", "raw", self.disk, raw], check=True)
        said = subprocess.run(
            ["/usr/sbin/debugfs", "-R", f"stat {path}", raw], capture_output=True, text=True, check=True
        )
        raw.unlink()
        return "Inode:" in said.stdout


@asynccontextmanager
async def time_bench(
    connection: libvirt.virConnect, guest: MicroGuest, disk: Path, folder: Path, world: Path
) -> AsyncIterator[TimeBench]:
    """A bench with its own store in `world` and its own images in `folder`; all machines are removed."""
    spec = _spec(guest, folder, disk)
    place = places({"HOME": str(world), "CLONEBOX_IMAGES_DIR": str(folder / "store")}, 0)
    place.state.mkdir(parents=True, exist_ok=True)
    database = await Database.open(place.database)
    engine = Engine(World(place, uris=(URI,)), database)
    await engine.jobs.load()
    try:
        connection.defineXML(domain_xml(spec, Dialect()))
        engine.fleet.add(URI)
        assert await engine.fleet.opened(60)
        yield TimeBench(engine, connection, spec, folder)
    finally:
        await engine.close()
        for each in connection.listAllDomains():
            if each.name().startswith(spec.name):
                domains.remove(connection, each.name())


def _spec(guest: MicroGuest, folder: Path, disk: Path) -> MachineSpec:
    name = domains.unique_name("cbt")
    place = folder / "store" / "machines" / name
    place.mkdir(parents=True)
    for each in (folder / "store", folder / "store" / "machines", place):
        each.chmod(0o755)
    base = folder / "base.qcow2"
    shutil.copyfile(disk, base)
    path = place / "disk.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, path], check=True)
    return MachineSpec(
        name=name,
        uuid=str(uuid.uuid4()),
        vcpus=1,
        memory_bytes=192 * MEBIBYTE,
        accelerator="tcg",
        disk_path=str(path),
        mac="52:54:00:0a:0b:0e",
        boot=Boot(str(guest.kernel), str(guest.initrd), guest.command_line),
        forwards=(Forward(free_port(), 22),),
        log_path=str(place / "serial.log"),
        key_path=str(place / "id_ed25519"),
        user="root",
    )
