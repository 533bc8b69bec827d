"""All machines of all connections at one glance: who runs them, how they are, and who wants to hear of it.

Connections are opened side by side and never wait for one another: a hung or lost one keeps its machines
as they were last seen and shows in its `Connection`, nothing else of it is noticed.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

import msgspec

from clonebox_tui.engine.member import Member
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.machine import Machine, split_id
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.protocol import Provider

COALESCE_SECONDS = 0.02
"""Changes within this time reach subscribers as one: short for an eye, long for a burst of events."""

RESYNC_SECONDS = 30.0
"""Events can be lost; every connection that is up is listed anew this often."""


class Changes(msgspec.Struct, frozen=True):
    """What changed since the last call: machines that came or changed, ids that went, connections, and
    URIs of those that were taken away."""

    machines: tuple[Machine, ...] = ()
    removed: tuple[str, ...] = ()
    connections: tuple[Connection, ...] = ()
    closed: tuple[str, ...] = ()


Subscriber = Callable[[Changes], None]


class Fleet:
    """Owns the providers. Lives on one event loop; none of its plain methods waits."""

    def __init__(
        self,
        factory: Callable[[str], Provider],
        clock: Callable[[], float] = time.time,
        resync_seconds: float = RESYNC_SECONDS,
    ) -> None:
        self._factory = factory
        self._clock = clock
        self._resync_seconds = resync_seconds
        self._members: dict[str, Member] = {}
        self._machines: dict[str, Machine] = {}
        self._connections: dict[str, Connection] = {}
        self._subscribers: list[Subscriber] = []
        self._pending_machines: dict[str, Machine | None] = {}
        self._pending_connections: set[str] = set()
        self._pending_closed: set[str] = set()
        self._flush: asyncio.TimerHandle | None = None

    # -- connections ---------------------------------------------------------------------------------

    def add(self, uri: str) -> None:
        """Connect to `uri`, in the background; nothing happens if it is known. A URI that no provider
        serves becomes a connection that is down, with its reason."""
        if uri in self._connections:
            return
        try:
            provider = self._factory(uri)
        except ProblemError as error:
            self.connection_changed(
                Connection(uri, Link.DOWN, self._clock(), uri.partition(":")[0], problem=error.problem)
            )
            return
        self.add_provider(provider)

    def add_provider(self, provider: Provider) -> None:
        """Connect through a provider that was made elsewhere."""
        if provider.uri in self._members:
            return
        self._members[provider.uri] = member = Member(provider, self, self._resync_seconds)
        self.connection_changed(provider.connection)
        member.begin()

    async def remove(self, uri: str) -> None:
        """Forget a connection and what was seen over it; its machines run on. CONNECTION_NOT_FOUND."""
        if self._connections.pop(uri, None) is None:
            raise _no_connection(uri)
        self._pending_connections.discard(uri)
        self._pending_closed.add(uri)
        member = self._members.pop(uri, None)
        if member is not None:
            member.fall_silent()
        for machine in [each.id for each in self._machines.values() if each.connection == uri]:
            self.machine_removed(machine)
        self._soon()
        if member is not None:
            await member.close()

    async def reopen(self, uri: str) -> None:
        """Connect anew, at once; its machines stay as they were last seen. CONNECTION_NOT_FOUND."""
        if uri not in self._connections:
            raise _no_connection(uri)
        member = self._members.pop(uri, None)
        if member is not None:
            member.fall_silent()
            await member.close()
        self._connections.pop(uri, None)
        self.add(uri)

    async def opened(self, timeout_seconds: float, uris: Collection[str] | None = None) -> bool:
        """Wait until these connections (all, by default) were tried and, where up, listed; False at the
        timeout. What hangs goes on in the background."""
        chosen = [member for uri, member in self._members.items() if uris is None or uri in uris]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await asyncio.gather(*(member.settled.wait() for member in chosen))
        return all(member.settled.is_set() for member in chosen)

    async def refresh(self, uri: str) -> None:
        """List the machines of a connection anew, and return when that is done; CONNECTION_FAILED."""
        self.provider(uri)
        await self._members[uri].refresh()

    async def close(self) -> None:
        """Let go of every connection; none can delay this for long, machines run on."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        await asyncio.gather(*(member.close() for member in self._members.values()))

    # -- what is known -------------------------------------------------------------------------------

    @property
    def machines(self) -> Mapping[str, Machine]:
        """All machines by id, as last seen."""
        return MappingProxyType(self._machines)

    @property
    def connections(self) -> Mapping[str, Connection]:
        """All connections by URI."""
        return MappingProxyType(self._connections)

    @property
    def providers(self) -> tuple[Provider, ...]:
        """Every provider, whether its link is up or not."""
        return tuple(member.provider for member in self._members.values())

    def machine(self, machine: str) -> Machine:
        """The machine with this id, as last seen; MACHINE_NOT_FOUND."""
        found = self._machines.get(machine)
        if found is None:
            raise problem(
                Code.MACHINE_NOT_FOUND,
                f"There is no machine {machine}.",
                why="It was deleted, or its connection is not among those open.",
                next="List the machines and choose one of them.",
            )
        return found

    def provider(self, uri: str) -> Provider:
        """The provider of an open connection; CONNECTION_FAILED, with the link's own reason."""
        connection = self._connections.get(uri)
        if connection is None:
            raise problem(
                Code.CONNECTION_FAILED, f"There is no connection {uri}.", next=f"Add it: --connect {uri}"
            )
        if connection.link is not Link.UP:
            cause = connection.problem
            trying = connection.link is Link.CONNECTING
            raise problem(
                cause.code if cause else Code.CONNECTION_FAILED,
                f"The connection {uri} is {'not open yet' if trying else 'down'}.",
                why=(cause.why or cause.what) if cause else "",
                next=(cause.next if cause else "") or "Wait for it, or look with `clonebox-tui doctor`.",
            )
        return self._members[uri].provider

    def provider_of(self, machine: str) -> tuple[Provider, str]:
        """Who runs a machine, and the UUID it has there; MACHINE_NOT_FOUND, CONNECTION_FAILED."""
        uri, uuid = split_id(machine)
        if machine not in self._machines and uri in self._connections:
            self.provider(uri)
        self.machine(machine)
        return self.provider(uri), uuid

    async def wait_until(
        self, machine: str, holds: Callable[[Machine | None], bool], timeout_seconds: float
    ) -> bool:
        """Wait until `holds` for the machine (None once it is gone); False at the timeout."""
        arrived = asyncio.Event()

        def look(_changes: Changes) -> None:
            if holds(self._machines.get(machine)):
                arrived.set()

        leave = self.subscribe(look)
        look(Changes())
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_seconds):
                    await arrived.wait()
        finally:
            leave()
        return arrived.is_set()

    # -- changes -------------------------------------------------------------------------------------

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Hear of changes, coalesced, on the event loop's thread; call the answer to stop."""
        self._subscribers.append(subscriber)

        def leave() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return leave

    def machine_changed(self, machine: Machine) -> None:
        """A machine came or changed: what a provider tells, or an act that just made one."""
        if self._machines.get(machine.id) != machine:
            self._machines[machine.id] = machine
            self._pending_machines[machine.id] = machine
            self._soon()

    def machine_removed(self, machine: str) -> None:
        """The machine with this id is gone."""
        if self._machines.pop(machine, None) is not None:
            self._pending_machines[machine] = None
            self._soon()

    def connection_changed(self, connection: Connection) -> None:
        """A link went up or down."""
        if self._connections.get(connection.uri) != connection:
            self._connections[connection.uri] = connection
            self._pending_connections.add(connection.uri)
            self._soon()

    def tell_now(self) -> None:
        """Tell subscribers at once what waits to be told together."""
        if self._flush is not None:
            self._flush.cancel()
            self._tell()

    def _soon(self) -> None:
        if self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(COALESCE_SECONDS, self._tell)

    def _tell(self) -> None:
        self._flush = None
        machines, self._pending_machines = self._pending_machines, {}
        uris, self._pending_connections = self._pending_connections, set()
        closed, self._pending_closed = self._pending_closed - self._connections.keys(), set()
        changes = Changes(
            tuple(machine for machine in machines.values() if machine is not None),
            tuple(id for id, machine in machines.items() if machine is None),
            tuple(self._connections[uri] for uri in uris if uri in self._connections),
            tuple(closed),
        )
        for subscriber in tuple(self._subscribers):
            subscriber(changes)


def _no_connection(uri: str) -> ProblemError:
    return problem(
        Code.CONNECTION_NOT_FOUND,
        f"There is no connection {uri}.",
        next="See which there are: `clonebox-tui connection list`",
    )
