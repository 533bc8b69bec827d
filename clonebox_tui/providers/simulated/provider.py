"""The provider of machines that do not exist; keeps every promise of the protocol, in memory."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence

import msgspec

from clonebox_tui.model.connection import Connection, HostReading, Link
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import Machine, MachineDetails, Share
from clonebox_tui.model.problem import Code, Problem, problem
from clonebox_tui.model.sample import Counters, Reading
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.model.trash import Definition
from clonebox_tui.providers.protocol import Call, Capability, Listener, LogChunk
from clonebox_tui.providers.simulated import moments
from clonebox_tui.providers.simulated.address import parse
from clonebox_tui.providers.simulated.agent import Guest
from clonebox_tui.providers.simulated.console import SimulatedConsole, SimulatedConsoles
from clonebox_tui.providers.simulated.details import details_of, explain
from clonebox_tui.providers.simulated.disks import SimulatedDisks
from clonebox_tui.providers.simulated.life import Life
from clonebox_tui.providers.simulated.logs import piece_of
from clonebox_tui.providers.simulated.machine import SimulatedMachine
from clonebox_tui.providers.simulated.newcomer import newcomer


class SimulatedProvider(SimulatedDisks):
    """A demo's fleet. `clock` gives UNIX seconds; a frozen address overrides it."""

    def __init__(self, uri: str, clock: Callable[[], float] = time.time) -> None:
        self._address = parse(uri)
        frozen = self._address.frozen
        self._now: Callable[[], float] = clock if frozen is None else (lambda: frozen)
        self._life = Life(self._address, self._now)
        self._guests: dict[str, Guest] = {}
        self._consoles = SimulatedConsoles()
        self._listener: Listener | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._connection = Connection(
            uri=uri,
            link=Link.CONNECTING,
            since=self._now(),
            provider="simulated",
            hypervisor="simulation",
            host=self._address.host,
            capabilities=tuple(capability.value for capability in Capability),
        )

    @property
    def uri(self) -> str:
        """The connection's URI."""
        return self._address.uri

    @property
    def connection(self) -> Connection:
        """The link as it is now."""
        return self._connection

    # -- the link ------------------------------------------------------------------------------------

    async def open(self, listener: Listener) -> None:
        """Connect, unless the address says that this hangs or fails."""
        self._listener = self._life.listener = listener
        await self._slowness("open", "")
        if self._address.fault("fail", "open", ""):
            self._link(Link.DOWN, "The address says that opening fails.")
            return
        self._link(Link.UP)
        if self._address.down_after is not None:
            self._later(self._address.down_after, self._break)

    async def close(self) -> None:
        """Let go; what was under way in the machines ends with the demo."""
        for timer in self._timers:
            timer.cancel()
        self._life.close()

    def _break(self) -> None:
        self._link(Link.DOWN, "The host stopped answering.")
        if self._address.down_for is not None:
            self._later(self._address.down_for, lambda: self._link(Link.UP))

    def _link(self, link: Link, why: str = "") -> None:
        fault = Problem(Code.CONNECTION_LOST, f"{self.uri} is down.", why, "Wait: it is tried again.")
        self._connection = msgspec.structs.replace(
            self._connection, link=link, since=self._now(), problem=fault if why else None
        )
        if self._listener is not None:
            self._listener.connection_changed(self._connection)

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(seconds, act))

    # -- every call ----------------------------------------------------------------------------------

    async def _slowness(self, operation: str, name: str) -> None:
        if self._address.fault("hang", operation, name):
            await asyncio.Event().wait()
        if self._address.delay:
            await asyncio.sleep(self._address.delay)

    async def _pass(self, operation: str, uuid: str = "") -> None:
        """Be as slow and as broken as the address says."""
        name = self._life.name_of(uuid)
        await self._slowness(operation, name)
        if self._connection.link is not Link.UP:
            raise problem(
                Code.CONNECTION_LOST, f"The connection {self.uri} is down.", next="Wait: it is tried again."
            )
        if self._address.fault("fail", operation, name):
            raise problem(
                Code.LIBVIRT_ERROR,
                f"{operation} failed{f' on {name}' if name else ''}.",
                why="The address of this simulated connection asks for this failure.",
                next="Try again without `fail=` in the address.",
            )

    async def _enter(self, operation: str, uuid: str) -> SimulatedMachine:
        """The machine that a call is about, once the call has come through."""
        await self._pass(operation, uuid)
        return self._life.find(uuid)

    def _time(self) -> float:
        return self._now()

    # -- looking -------------------------------------------------------------------------------------

    async def machines(self) -> Sequence[Machine]:
        """All machines."""
        await self._pass("machines")
        return self._life.public()

    async def details(self, uuid: str) -> MachineDetails:
        """One machine in full."""
        return details_of(await self._enter("details", uuid))

    async def counters(self, detailed: frozenset[str]) -> Sequence[Counters]:
        """Counters of all machines."""
        await self._pass("counters")
        return self._life.counters(detailed)

    async def host(self) -> HostReading:
        """The load of a host that bears them all."""
        await self._pass("host")
        return self._life.host.read()

    async def past(self, uuid: str, spans: Sequence[tuple[float, float]]) -> Sequence[Reading | None]:
        """What a machine did before anybody looked: averages over spans (UNIX seconds)."""
        return self._life.past(await self._enter("past", uuid), spans)

    async def host_past(self, spans: Sequence[tuple[float, float]]) -> Sequence[Reading | None]:
        """The same of the host."""
        await self._pass("host")
        return await self._life.host.past(spans)

    # -- life ----------------------------------------------------------------------------------------

    async def start(self, uuid: str) -> None:
        """Boot."""
        await self._life.start(await self._enter("start", uuid))

    async def ask_to_stop(self, uuid: str, mode: str) -> None:
        """Ask the guest to power off; a deaf one hears and does nothing."""
        self._life.ask(await self._enter("ask_to_stop", uuid), mode, again=False)

    async def ask_to_reboot(self, uuid: str, mode: str) -> None:
        """Ask the guest to reboot."""
        self._life.ask(await self._enter("ask_to_reboot", uuid), mode, again=True)

    async def kill(self, uuid: str) -> None:
        """Pull the plug."""
        self._life.kill(await self._enter("kill", uuid))

    async def pause(self, uuid: str) -> None:
        """Freeze the vCPUs."""
        self._life.pause(await self._enter("pause", uuid))

    async def resume(self, uuid: str) -> None:
        """Thaw the vCPUs."""
        self._life.resume(await self._enter("resume", uuid))

    async def define(self, spec: MachineSpec) -> Machine:
        """Take in a new machine, off."""
        await self._pass("define")
        return self._life.add(newcomer(self._address, spec))

    async def undefine(self, uuid: str) -> None:
        """Forget a machine that is off."""
        self._life.remove(await self._enter("undefine", uuid))
        self._guests.pop(uuid, None)

    async def definition(self, uuid: str) -> Definition:
        """The machine itself is kept in memory, by its UUID."""
        machine = await self._enter("definition", uuid)
        return Definition(uuid, tuple(moments.moments_of(machine, self._now())))

    async def set_aside(self, uuid: str) -> None:
        """Forget a machine that is off, until it is put back."""
        self._life.set_aside(await self._enter("set_aside", uuid))
        self._guests.pop(uuid, None)

    async def put_back(self, kept: Definition, name: str, moved: tuple[str, str] = ("", "")) -> Machine:
        """Take it in again; it has no files that could have moved."""
        del moved
        await self._pass("put_back", kept.machine)
        return self._life.put_back(kept.machine, name)

    async def spec(self, uuid: str) -> MachineSpec | None:
        """The spec it was defined from, if it was defined here."""
        return (await self._enter("spec", uuid)).spec

    async def write_labels(self, uuid: str, labels: Labels) -> None:
        """Write tags, group and note."""
        self._life.label(await self._enter("write_labels", uuid), labels)

    async def eject_seed(self, uuid: str) -> None:
        """Take the seed out."""
        machine = await self._enter("eject_seed", uuid)
        machine.seed_inserted = False
        if machine.spec is not None:
            machine.spec = msgspec.structs.replace(machine.spec, seed_path="")

    # -- snapshots and shares ------------------------------------------------------------------------

    async def snapshots(self, uuid: str) -> Sequence[Snapshot]:
        """All snapshots."""
        machine = await self._enter("snapshots", uuid)
        return [moment.snapshot for moment in moments.moments_of(machine, self._now()).values()]

    async def create_snapshot(
        self, uuid: str, name: str, description: str, memory: bool, safety: bool
    ) -> None:
        """Keep files and whether it runs."""
        machine = await self._enter("create_snapshot", uuid)
        moments.take(machine, self._now(), name, description, memory, safety)

    async def restore_snapshot(self, uuid: str, name: str) -> None:
        """Bring files and state back."""
        machine = await self._enter("restore_snapshot", uuid)
        self._life.go_back(machine, name)

    async def delete_snapshot(self, uuid: str, name: str, children: bool) -> None:
        """Delete one, or a whole branch."""
        moments.remove(await self._enter("delete_snapshot", uuid), self._now(), name, children)

    async def settle(self, uuid: str) -> None:
        """Nothing outlives the process that began it."""
        await self._enter("settle", uuid)

    async def detach_share(self, uuid: str, tag: str) -> None:
        """Take a share's device out."""
        (await self._enter("detach_share", uuid)).detached.add(tag)

    async def attach_share(self, uuid: str, share: Share) -> None:
        """Put it back."""
        (await self._enter("attach_share", uuid)).detached.discard(share.tag)

    # -- guest and log -------------------------------------------------------------------------------

    async def agent(self, uuid: str, command: dict[str, object], timeout_seconds: float) -> object:
        """Answer as the guest agent would."""
        try:
            async with asyncio.timeout(timeout_seconds or None):
                machine = await self._enter("agent", uuid)
        except TimeoutError as error:
            raise problem(
                Code.TIMED_OUT,
                f"The guest agent of {self._life.name_of(uuid)} did not answer within {timeout_seconds:g} s.",
                next="Try again, or reboot the machine.",
            ) from error
        if machine.uuid not in self._guests:
            self._guests[machine.uuid] = Guest(machine, self._life, self._now)
        return self._guests[machine.uuid].answer(json.loads(json.dumps(command)))

    async def console(self, uuid: str, take_over: bool = False) -> SimulatedConsole:
        """A login, and a small shell behind it."""
        machine = await self._enter("console", uuid)
        return await self._consoles.open(machine, self._now, take_over)

    async def read_log(
        self, uuid: str, source: str, offset: int, limit_bytes: int, identity: str = ""
    ) -> LogChunk:
        """A piece of what the machine printed."""
        del identity  # these logs are never rotated
        machine = await self._enter("read_log", uuid)
        return piece_of(machine, self._now(), source, offset, limit_bytes)

    def explain(self, operation: str, machine: str, argument: str = "") -> Call:
        """The call, and the line that would do the same to a real machine."""
        uuid = machine.rpartition("/")[2]
        return explain(operation, self._life.name_of(uuid) or machine, argument)
