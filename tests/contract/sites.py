"""Where the contract is proved: a provider, machines to make there, and what it says it cannot do."""

import asyncio
import base64
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import msgspec
import pytest

from clonebox_tui.model.connection import Connection
from clonebox_tui.model.machine import AgentState, Forward, Machine, State
from clonebox_tui.model.spec import Boot, MachineSpec
from clonebox_tui.providers.libvirt import provider as libvirt_provider
from clonebox_tui.providers.protocol import Provider
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from tests.fixtures.ports import free_port
from tests.guests.domain import unique_name
from tests.guests.micro import MicroGuest

WAIT_SECONDS = 240.0


@dataclass
class Told:
    """A listener that remembers, and lets a test wait for what it needs."""

    machines: dict[str, Machine] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def machine_changed(self, machine: Machine) -> None:
        self.machines[machine.uuid] = machine
        self._news.set()

    def machine_removed(self, machine: str) -> None:
        self.removed.append(machine)
        self._news.set()

    def connection_changed(self, connection: Connection) -> None:
        self.connections.append(connection)
        self._news.set()

    async def until(self, true: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
        """Wait for the news that make it true."""
        async with asyncio.timeout(seconds):
            while not true():
                self._news.clear()
                await self._news.wait()


@dataclass
class Site:
    """A kind of provider. `not_offered` gives the reason for each act that it does not have."""

    make: Callable[[], Provider]
    fill: Callable[[MachineSpec], MachineSpec]
    not_offered: Mapping[str, str] = field(default_factory=dict)
    second_uri: str = ""
    """Another connection to the same machines can be opened here by libvirt itself."""
    names: list[str] = field(default_factory=list)


@dataclass
class Place:
    """An open provider with its listener."""

    site: Site
    provider: Provider
    told: Told

    def needs(self, act: str) -> None:
        """Skip, visibly, where the provider does not offer the act."""
        if act in self.site.not_offered:
            pytest.skip(f"not offered: {self.site.not_offered[act]}")

    async def defined(self) -> Machine:
        """A machine that is off."""
        name = unique_name("cbl")
        self.site.names.append(name)
        bare = MachineSpec(
            name=name,
            uuid=str(uuid.uuid4()),
            vcpus=1,
            memory_bytes=192 * 1024**2,
            accelerator="tcg",
            disk_path=f"/nowhere/{name}.qcow2",
            seed_path=f"/nowhere/{name}.iso",
            mac="52:54:00:0a:0b:0c",
            folder='/home/me/a "b" & <c>',
            packages=("nginx", "jq"),
        )
        return await self.provider.define(self.site.fill(bare))

    async def running(self) -> Machine:
        """A machine that runs; its guest may still boot."""
        machine = await self.defined()
        await self.provider.start(machine.uuid)
        await self.until_state(machine, State.RUNNING)
        return machine

    async def reachable(self) -> Machine:
        """A machine that runs and whose agent answers."""
        machine = await self.running()
        await self.until_agent(machine)
        return machine

    async def until_state(self, machine: Machine, state: State) -> None:
        """Wait until the listener heard of the state."""
        told = self.told.machines
        await self.told.until(lambda: machine.uuid in told and told[machine.uuid].state is state)

    async def until_agent(self, machine: Machine) -> None:
        """Wait until the listener heard of the agent."""
        told = self.told.machines
        await self.told.until(
            lambda: machine.uuid in told and told[machine.uuid].agent is AgentState.CONNECTED
        )

    async def log_has(self, uuid: str, words: bytes) -> None:
        """Wait until the serial log says something."""
        async with asyncio.timeout(WAIT_SECONDS):
            # A log file tells nobody that it grew.
            while words not in (await self.provider.read_log(uuid, "serial", 0, 1 << 20)).data:  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def run(self, machine: Machine, *argv: str) -> str:
        """What a command in the guest printed, asked through the agent's own commands."""
        started = await self.begin(machine, *argv)
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                status = await self._ask(machine, "guest-exec-status", {"pid": started["pid"]})
                if status["exited"]:
                    return base64.b64decode(str(status.get("out-data", ""))).decode()
                await asyncio.sleep(0.05)

    async def begin(self, machine: Machine, *argv: str) -> dict[str, object]:
        """Start a command in the guest; the agent's answer."""
        arguments: dict[str, object] = {"path": argv[0], "arg": list(argv[1:]), "capture-output": True}
        return await self._ask(machine, "guest-exec", arguments)

    async def _ask(self, machine: Machine, name: str, arguments: dict[str, object]) -> dict[str, object]:
        command: dict[str, object] = {"execute": name, "arguments": arguments}
        return cast("dict[str, object]", await self.provider.agent(machine.uuid, command, 20.0))


@asynccontextmanager
async def open_place(site: Site) -> AsyncIterator[Place]:
    """Open the site's provider, and close it."""
    provider, told = site.make(), Told()
    await provider.open(told)
    try:
        for machine in await provider.machines():
            told.machines[machine.uuid] = machine
        yield Place(site, provider, told)
    finally:
        await provider.close()


def simulated_site() -> Site:
    """The demo's fleet, quick."""
    uri = "simulated://contract?machines=3&boot=0.1&transition=0.05"
    invented = "its counters are invented"
    alone = "nobody else can reach its machines"
    reasons = {
        "counters: busy guest": invented,
        "events": alone,
        "agent: hung": "hangs when its address asks",
    }
    return Site(lambda: SimulatedProvider(uri), _unchanged, reasons)


def test_driver_site() -> Site:
    """libvirt's own mock, `test:///default`: its state lives in the test's process while it is open."""
    no_guest = "test:/// runs no guest"
    acts = (
        "agent: ping",
        "agent: exec",
        "agent: hung",
        "counters: busy guest",
        "ask_to_stop: agent",
        "logs",
        "restore: memory",
    )
    return Site(
        lambda: libvirt_provider("test:///default"),
        _unchanged,
        dict.fromkeys(acts, no_guest) | {"forwards": "test:/// has no network"},
        second_uri="test:///default",
    )


test_driver_site.__test__ = False  # type: ignore[attr-defined]  # pytest: not a test


def qemu_site(guest: MicroGuest, disk: Path, folder: Path) -> Site:
    """The system daemon with real QEMU and the micro guest."""

    def fill(spec: MachineSpec) -> MachineSpec:
        own = folder / f"{spec.name}.qcow2"
        shutil.copyfile(disk, own)
        own.chmod(0o666)
        seed = folder / f"{spec.name}.iso"
        seed.write_bytes(b"\0" * 4096)
        boot = Boot(str(guest.kernel), str(guest.initrd), f"{guest.command_line} micro.tick=1")
        return msgspec.structs.replace(
            spec,
            disk_path=str(own),
            boot=boot,
            seed_path=str(seed),
            log_path=str(folder / f"{spec.name}.log"),
            forwards=(Forward(free_port(), 80),),
        )

    return Site(lambda: libvirt_provider("qemu:///system"), fill, second_uri="qemu:///system")


def _unchanged(spec: MachineSpec) -> MachineSpec:
    return spec
