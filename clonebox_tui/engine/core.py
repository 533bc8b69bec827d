"""Puts the engine together, by constructors alone, and takes it apart again in order."""

import asyncio
import logging
import os
import time
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from weakref import WeakValueDictionary

import msgspec

from clonebox_tui.engine import failpoints, kept_connections
from clonebox_tui.engine.asked import Asked
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.handlers import all_handlers
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.engine.log_sources.opening import Beside
from clonebox_tui.engine.logs import Logs
from clonebox_tui.engine.sampler import Sampler
from clonebox_tui.engine.snapshots.hidden import Hidden
from clonebox_tui.engine.snapshots.recorded import Recorded
from clonebox_tui.engine.stillness import guest_goes_on
from clonebox_tui.engine.trash.entries import Entries
from clonebox_tui.engine.trash.timing import purge_in_time
from clonebox_tui.engine.undo.history import History
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.connection_messages import KeptConnections
from clonebox_tui.model.environment import HostLimits
from clonebox_tui.model.machine import Machine, State, split_id
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.remote import is_remote
from clonebox_tui.providers import provider_for
from clonebox_tui.store.damage import Damage
from clonebox_tui.store.database import Database
from clonebox_tui.store.deeds import DeedStore
from clonebox_tui.store.hidden import HiddenStore
from clonebox_tui.store.jobs import JobStore
from clonebox_tui.store.samples import SampleStore
from clonebox_tui.store.system_facts import SystemFactsStore

_log = logging.getLogger(__name__)

OPEN_SECONDS = 10.0
"""How long the recovery of jobs waits for connections; those that hang are then recovered without."""

LIMITS_AFTER_SECONDS = 2.0
"""What a machine may be given is read after the first list was asked for: it costs as much as all before."""

_SYSTEM_SOCKETS = (
    Path("/run/libvirt/libvirt-sock"),
    Path("/run/libvirt/virtqemud-sock"),
    Path("/var/run/libvirt/libvirt-sock"),
)


class World(msgspec.Struct, frozen=True):
    """What a worker was started for."""

    places: Places
    demo: bool = False
    machines: int = 12
    seed: int = 1
    uris: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The same as options, each followed by its value."""
        size = ("--machines", str(self.machines), "--seed", str(self.seed)) if self.demo else ()
        return (*size, *(word for uri in self.uris for word in ("--connect", uri)))


def connections_of(world: World, euid: int) -> Sequence[str]:
    """The connections a worker opens by itself: those asked for, else the usual and the kept ones."""
    usual = usual_connections(world, euid)
    if world.uris:
        return usual
    try:
        return kept_connections.opened(kept_connections.read(world.places.connections), usual)
    except ProblemError as error:
        _log.warning("%s %s", error.problem.what, error.problem.why)
        return usual


def usual_connections(world: World, euid: int) -> tuple[str, ...]:
    """What is opened where nothing else is kept: those asked for, else the simulated or the local ones."""
    if world.uris:
        return world.uris
    if world.demo:
        return (f"simulated://demo?machines={world.machines}&seed={world.seed}",)
    if euid == 0:
        return ("qemu:///system",)
    reachable = any(os.access(path, os.R_OK | os.W_OK) for path in _SYSTEM_SOCKETS)
    return ("qemu:///session", "qemu:///system") if reachable else ("qemu:///session",)


class Engine:
    """All that works behind the socket. `open` begins, `close` ends; on one event loop."""

    def __init__(self, world: World, database: Database) -> None:
        self.world = world
        self.database = database
        self.fleet = Fleet(failpoints.arm(os.environ, provider_for))
        self.sampler = Sampler(self.fleet, SampleStore(database))
        self.trash = Entries(self.fleet, world.places)
        self.hidden = Hidden(HiddenStore(database), self.trash.seconds_kept)
        self.recorded = Recorded(SystemFactsStore(database))
        self.handlers = all_handlers(self.fleet, world.places, self.agent, self.hidden, self.recorded)
        self.jobs = JobRunner(JobStore(database), self.handlers)
        self.jobs.subscribe(self.recorded.job_changed)
        self.logs = Logs(self.fleet, beside=Beside(self.agent, self.jobs, world.places.worker_log))
        self.damage = Damage(database)
        self.asked = Asked(JobStore(database))
        # A demo's machines were in a worker's memory alone, and so was all that was done to them.
        since = time.time() if world.demo else 0.0
        deeds, acts = DeedStore(database), JobStore(database)
        self.history = History(deeds, self.jobs, acts, self.fleet, since=since)
        self.limits: HostLimits | None = None
        self._agent_queues: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._recovering: asyncio.Task[None] | None = None
        self._purging: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, world: World) -> "Engine":
        """Open the store and begin to connect; jobs of a dead worker end once connections were tried."""
        engine = cls(world, await Database.open(world.places.database))
        await engine.damage.load()
        if not world.demo:
            await engine.hidden.load()
        await engine.jobs.load()
        for uri in connections_of(world, os.geteuid()):
            engine.fleet.add(uri)
        engine.sampler.begin()
        if world.demo:
            engine.trash.forget_all()
        engine._recovering = asyncio.create_task(engine._recover(), name="recovery")
        return engine

    async def close(self) -> None:
        """Cancel and undo what runs, then let go of everything."""
        for task in (self._recovering, self._purging):
            if task is not None:
                task.cancel()
        await self.jobs.close()
        await self.sampler.close()
        await self.fleet.close()
        await self.database.close()

    @property
    def busy(self) -> bool:
        """Whether there is work without any front end: a job, or a real machine of ours to sample."""
        sampled = map(self._is_sampled, self.fleet.machines.values())
        return self.jobs.running > 0 or (not self.world.demo and any(sampled))

    def _is_sampled(self, machine: Machine) -> bool:
        # What was seen last over a connection that is down may run for ever.
        connection = self.fleet.connections.get(machine.connection)
        real = not machine.connection.startswith("simulated")
        up = connection is not None and connection.link is Link.UP
        return machine.managed and machine.state is State.RUNNING and real and up

    def agent(self, machine: str) -> Agent:
        """The guest agent of a machine; what is said to one waits in one queue, and while it stands still."""
        provider, uuid = self.fleet.provider_of(machine)
        queue = self._agent_queues.setdefault(machine, asyncio.Lock())
        return Agent(provider, uuid, queue, partial(guest_goes_on, self.jobs, machine))

    # -- connections -----------------------------------------------------------------------------

    def kept_connections(self) -> KeptConnections:
        """What the person's own file says. CONFIG_INVALID."""
        return kept_connections.read(self.world.places.connections)

    def needed_connections(self) -> Collection[str]:
        """URIs that stay whoever asked for them: those that are kept; all of them while jobs run."""
        if self.jobs.running:
            return tuple(self.fleet.connections)
        try:
            return self.kept_connections().added
        except ProblemError:
            return tuple(self.fleet.connections)  # nobody can tell: nothing is closed

    async def keep_connection(self, uri: str) -> Connection:
        """Connect to it now and in every later worker; the connection as it is at once."""
        provider_for(uri)  # a URI that nobody serves is not kept
        place = self.world.places.connections
        kept_connections.write(place, kept_connections.with_added(self.kept_connections(), uri))
        self.fleet.add(uri)
        return self.fleet.connections[uri]

    async def leave_connection(self, uri: str) -> None:
        """Forget it, now and in later workers. CONNECTION_NOT_FOUND; MACHINE_BUSY while a job works there."""
        # A job without a machine makes one, or an image, of this host.
        at_work = [
            job
            for job in self.jobs.jobs()
            if not job.state.ended
            and (split_id(job.machine)[0] == uri if job.machine else not is_remote(uri))
        ]
        if at_work:
            raise problem(
                Code.MACHINE_BUSY,
                f"{uri} stays: a job works there.",
                why=at_work[0].title,
                next="Wait for it, or cancel it: `clonebox-tui job list`",
            )
        kept, usual = self.kept_connections(), uri in usual_connections(self.world, os.geteuid())
        if uri in self.fleet.connections or uri not in kept.added:
            await self.fleet.remove(uri)
        kept_connections.write(self.world.places.connections, kept_connections.without(kept, uri, usual))

    async def _recover(self) -> None:
        await self.fleet.opened(OPEN_SECONDS)
        self.jobs.recover()
        self._purging = asyncio.create_task(purge_in_time(self.trash, self.hidden, self.jobs), name="trash")
        await self._sweep()
        await asyncio.sleep(LIMITS_AFTER_SECONDS)
        self.limits = await asyncio.to_thread(_limits, self.world.places)

    async def _sweep(self) -> None:
        """Remove what dead workers left and no recovered job knows of."""
        from clonebox_tui.engine.leftovers import leftovers, remove, suspects
        from clonebox_tui.engine.looks.keeping import forget_halves

        for uri in [uri for uri in self.fleet.connections if uri.startswith("qemu:///")]:
            await asyncio.to_thread(forget_halves, self.world.places, uri)
            try:
                if not await asyncio.to_thread(suspects, self.world.places.images(uri)):
                    continue
                found = await leftovers(self.fleet, self.world.places, uri, self.jobs.jobs())
                for gone in await remove(found):
                    _log.warning("removed a left-over: %s, %s", gone.path, gone.why)
            except (OSError, ProblemError) as error:
                _log.warning("left-overs of %s were not looked for: %s", uri, error)


def _limits(places: Places) -> HostLimits:
    # Imported late: detection costs more than all that a list needs.
    from clonebox_tui.engine.detect import read_host_limits

    return read_host_limits(places.data)
