"""libvirt as a provider: each promise of the protocol handed to its part, in its own lane of threads."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TypeVar

import libvirt

from clonebox_tui.model.connection import Connection, HostReading, Link
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import Machine, MachineDetails, Share
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.sample import Counters
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.libvirt import agent as agents
from clonebox_tui.providers.libvirt import capabilities, details, lifecycle, logs, machines, metadata
from clonebox_tui.providers.libvirt import explain as explanations
from clonebox_tui.providers.libvirt import labels as domain_labels
from clonebox_tui.providers.libvirt import seed as seeds
from clonebox_tui.providers.libvirt import shares as share_devices
from clonebox_tui.providers.libvirt.connection import LibvirtLink
from clonebox_tui.providers.libvirt.consoles import DomainConsoles
from clonebox_tui.providers.libvirt.definition import Dialect, domain_xml
from clonebox_tui.providers.libvirt.errors import translate
from clonebox_tui.providers.libvirt.events import Subscription
from clonebox_tui.providers.libvirt.keeping import DomainKeeping
from clonebox_tui.providers.libvirt.sizes import SnapshotSizes
from clonebox_tui.providers.libvirt.snapshots import DomainSnapshots
from clonebox_tui.providers.libvirt.stats import HostReader, StatsReader
from clonebox_tui.providers.libvirt.threads import Lane, deliver, to_its_end
from clonebox_tui.providers.libvirt.watch import Watch
from clonebox_tui.providers.libvirt.xml import parse
from clonebox_tui.providers.protocol import Call, Listener, LogChunk

T = TypeVar("T")
_Work = Callable[[libvirt.virDomain], T]


class LibvirtProvider(DomainSnapshots, DomainKeeping, DomainConsoles):
    """One libvirt connection. Cheap to construct; `open` connects and keeps connected."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._link = LibvirtLink(uri, self._greet, self._connection_changed, self._leave)
        self._acts = Lane(f"libvirt-act {uri}", 4)
        self._looks = Lane(f"libvirt-read {uri}", 2)
        self._sampling = Lane(f"libvirt-stats {uri}", 1)
        self._asking = Lane(f"libvirt-agent {uri}", 8)
        self._agent_turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stats = StatsReader(uri, self._vcpus)
        self._host = HostReader(uri)
        self._sizes = SnapshotSizes()
        self._listener: Listener | None = None
        self._watch: Watch | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._learning: asyncio.Task[None] | None = None
        self._subscription = Subscription(self._heard)

    @property
    def uri(self) -> str:
        """The connection's URI."""
        return self._uri

    @property
    def connection(self) -> Connection:
        """The link as it is now."""
        return self._link.state

    async def open(self, listener: Listener) -> None:
        """Connect, and keep connected; returns after the first try, whatever came of it."""
        self._listener, self._loop = listener, asyncio.get_running_loop()
        self._watch = Watch(self._link, listener)
        await self._link.open()

    async def close(self) -> None:
        """Let go of everything; machines run on."""
        if self._learning is not None:
            self._learning.cancel()
        if self._watch is not None:
            await self._watch.close()
        await self._link.close()
        for lane in (self._acts, self._looks, self._sampling, self._asking):
            lane.close()

    # -- looking ---------------------------------------------------------------------------------

    async def machines(self) -> Sequence[Machine]:
        """All machines, made here or not."""
        return await self._watching.list()

    async def details(self, uuid: str) -> MachineDetails:
        """One machine in full."""
        return await self._look(
            uuid, "look at", lambda domain: details.read(domain, machines.read_one(domain, self._uri))
        )

    async def counters(self, detailed: frozenset[str]) -> Sequence[Counters]:
        """Counters of all machines, the costly ones for `detailed` uuids."""
        what = f"Could not read the counters of {self._uri}"
        return await self._link.call(self._sampling, what, lambda c: self._stats.read(c, detailed))

    async def host(self) -> HostReading:
        """The host's load since the last call."""
        return await self._link.call(
            self._sampling, f"Could not read the load of {self._uri}", self._host.read
        )

    async def spec(self, uuid: str) -> MachineSpec | None:
        """The spec a machine was defined from; None for machines not made here."""
        return await self._look(uuid, "read", lambda domain: metadata.read(parse(domain.XMLDesc())))

    async def read_log(
        self, uuid: str, source: str, offset: int, limit_bytes: int, identity: str = ""
    ) -> LogChunk:
        """A piece of a log; a negative offset counts from the end."""

        def read(domain: libvirt.virDomain) -> LogChunk:
            known = self._watching.known.get(uuid)
            machine = known or machines.read_one(domain, self._uri)
            tree = parse(domain.XMLDesc())
            return logs.read(logs.path_of(tree, machine, source), offset, limit_bytes, identity)

        return await self._look(uuid, "read the log of", read)

    # -- acting ----------------------------------------------------------------------------------

    async def start(self, uuid: str) -> None:
        """Boot; returns once it runs."""
        await self._act(uuid, "start", lifecycle.start)

    async def ask_to_stop(self, uuid: str, mode: str) -> None:
        """Ask the guest to power off."""
        await self._act(uuid, "stop", lambda domain: lifecycle.ask_to_stop(domain, mode))

    async def ask_to_reboot(self, uuid: str, mode: str) -> None:
        """Ask the guest to reboot."""
        await self._act(uuid, "reboot", lambda domain: lifecycle.ask_to_reboot(domain, mode))

    async def kill(self, uuid: str) -> None:
        """Pull the plug."""
        await self._act(uuid, "kill", lifecycle.kill)

    async def pause(self, uuid: str) -> None:
        """Freeze the vCPUs."""
        await self._act(uuid, "pause", lifecycle.pause)

    async def resume(self, uuid: str) -> None:
        """Thaw the vCPUs."""
        await self._act(uuid, "resume", lifecycle.resume)

    async def define(self, spec: MachineSpec) -> Machine:
        """Define a machine, not started."""
        xml = domain_xml(spec, Dialect(test_driver=self._uri.startswith("test")))

        def define(connection: libvirt.virConnect) -> Machine:
            machines.refuse_taken(connection, spec.name)
            domain = connection.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
            return machines.read_one(domain, self._uri)

        call = self._link.call(self._acts, f"Could not define {spec.name}", define)
        machine = await to_its_end(call)
        await self._watching.look(machine.uuid)
        return machine

    async def undefine(self, uuid: str) -> None:
        """Forget a machine that is off; disks stay."""
        await self._act(uuid, "undefine", lifecycle.undefine)

    async def write_labels(self, uuid: str, labels: Labels) -> None:
        """Write tags, group and note."""
        await self._act(uuid, "label", lambda domain: domain_labels.write(domain, labels))

    async def eject_seed(self, uuid: str) -> None:
        """Take the seed medium out, now and for later starts."""
        await self._act(uuid, "eject the seed of", seeds.eject)

    async def settle(self, uuid: str) -> None:
        """Wait for libvirt's running job of this machine; a daemon goes on when its caller died."""
        await self._on(self._acts, uuid, "wait for", lifecycle.settle)

    async def detach_share(self, uuid: str, tag: str) -> None:
        """Take a share's device out of the running machine."""
        await self._act(uuid, f"detach {tag} from", lambda domain: share_devices.detach(domain, tag))

    async def attach_share(self, uuid: str, share: Share) -> None:
        """Put a share's device back."""
        await self._act(uuid, f"attach {share.tag} to", lambda domain: share_devices.attach(domain, share))

    async def agent(self, uuid: str, command: dict[str, object], timeout_seconds: float) -> object:
        """Send one command to the guest agent; calls to one guest wait for each other, guests do not."""
        agents.refuse_unless_there(self._watching.known.get(uuid))
        async with self._agent_turns[uuid]:
            return await self._on(
                self._asking, uuid, "ask", lambda domain: agents.ask(domain, command, timeout_seconds)
            )

    def explain(self, operation: str, machine: str, argument: str = "") -> Call:
        """How an operation is done with libvirt; `machine` is a name or an id."""
        known = self._watch.known.get(machine.rpartition("/")[2]) if self._watch else None
        if operation == "write_labels":
            return domain_labels.explain(self._uri, known, argument)
        name = known.name if known else machine.rpartition("/")[2]
        return explanations.explain(self._uri, operation, name, argument)

    # -- within ----------------------------------------------------------------------------------

    @property
    def _watching(self) -> Watch:
        if self._watch is None:
            raise problem(
                Code.CONNECTION_LOST, f"{self._uri} is not open.", next="Wait: it is tried again by itself."
            )
        return self._watch

    async def _act(self, uuid: str, verb: str, work: _Work[None]) -> None:
        await to_its_end(self._on(self._acts, uuid, verb, work))
        # Not only by the event: who awaited the act finds the machine changed.
        await self._watching.look(uuid)

    async def _look(self, uuid: str, verb: str, work: _Work[T]) -> T:
        return await self._on(self._looks, uuid, verb, work)

    async def _on(self, lane: Lane, uuid: str, verb: str, work: _Work[T]) -> T:
        def with_domain(connection: libvirt.virConnect) -> T:
            domain = machines.lookup(connection, uuid)
            try:
                return work(domain)
            except libvirt.libvirtError as error:
                raise translate(error, f"Could not {verb} {domain.name()}") from None

        return await self._link.call(lane, f"Could not {verb} {uuid}", with_domain)

    def _vcpus(self, uuid: str) -> int:
        known = self._watch.known.get(uuid) if self._watch else None
        return known.vcpus if known else 0

    def _greet(self, connection: libvirt.virConnect, state: Connection) -> Connection:
        self._subscription.begin(connection)
        return capabilities.greet(connection, state)

    def _leave(self, connection: libvirt.virConnect) -> None:
        self._subscription.end(connection)

    def _heard(self, uuid: str) -> None:
        """Called on libvirt's thread."""
        if self._loop is not None and self._watch is not None:
            deliver(self._loop, self._watch.touched, uuid)

    async def _learn_version(self) -> None:
        # Not part of connecting: libvirt may probe QEMU for seconds before it answers.
        with contextlib.suppress(ProblemError):
            what = f"Could not read the version of {self._uri}"
            self._link.learned(await self._link.call(self._looks, what, capabilities.version))

    def _connection_changed(self, connection: Connection) -> None:
        if connection.link is Link.DOWN:
            self._agent_turns.clear()
        elif " " not in connection.hypervisor:
            self._learning = asyncio.create_task(self._learn_version())
        if self._listener is not None:
            self._listener.connection_changed(connection)
