"""What the cockpit knows at this moment, and how each piece of news changes it; no Textual here.

`Session` merges notifications into plain dicts keyed by id and tells what changed, so that screens
repaint just that. It also asks the worker (`call`, `open`): the wizard and the dialogs need nothing else.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import msgspec

from clonebox_tui.model.connection import Connection, HostReading, Link
from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import Machine, MachineDetails
from clonebox_tui.model.notifications import FleetChanged, JobsChanged, News, Samples, SnapshotsChanged
from clonebox_tui.model.opening import Fleet, Method, OpenedStream
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.sample import Reading, Series
from clonebox_tui.tui.changes import Changes as Changes
from clonebox_tui.tui.history import Sparks, Trace
from clonebox_tui.tui.whereabouts import Whereabouts

if TYPE_CHECKING:
    from clonebox_tui.model.host_limits import HostLimits
    from clonebox_tui.model.problem import Problem
    from clonebox_tui.model.snapshot import Snapshot
    from clonebox_tui.tui.wire import Chunks, Wire

P = TypeVar("P")
R = TypeVar("R")


class Session:
    """The state behind every screen. `selected` and `marked` are ids, never rows."""

    _aimed: tuple[str, ...] = ()

    def __init__(
        self, clock: Callable[[], float] = time.time, readonly: bool = False, only: tuple[str, ...] = ()
    ) -> None:
        self.clock = clock
        self.readonly = readonly
        self.only = frozenset(only)
        """URIs of the connections to show; empty: all that the worker has, other front ends' included."""
        self.wire: Wire | None = None
        self.worker_lost_at: float | None = None
        self.worker_trouble = ""
        self.worker_stopped = False
        self.trouble: Problem | None = None
        """What befell the list of jobs and is still to be shown."""
        self.slow_line = False  # to the terminal: what costs bytes all the time is left out
        self.loaded = False
        """Whether a machine list has ever arrived: nothing is called empty before."""
        self.awaited = 0  # so many machines more there are, and come in a moment
        self.machines: dict[str, Machine] = {}
        self.connections: dict[str, Connection] = {}
        self.where = Whereabouts()
        self.limits: HostLimits | None = None
        self.readings: dict[str, Reading] = {}
        self.sparks = Sparks()
        self.hosts: dict[str, HostReading] = {}
        self.host_traces: dict[str, Trace] = {}
        """What came live of each host, by the URI of its connection."""
        self.jobs: dict[str, Job] = {}
        self._busy: dict[str, Job] = {}
        self._listed = False
        """Whether all jobs are known: one that ended before is no news, also after a loss."""
        self.snapshots: dict[str, tuple[Snapshot, ...]] = {}
        self.details: dict[str, MachineDetails] = {}
        self.trace = Trace("")
        self.marked: set[str] = set()
        self.selected = ""
        self.heard_at: float | None = None
        self.draft: object | None = None
        """What the wizard was left with; it takes it up again."""

    # -- asking ------------------------------------------------------------------------------------

    async def call(self, method: Method[P, R], params: P) -> R:
        """Ask the worker; raises ProblemError, at once when it is not there."""
        return await self._there().call(method, params)

    async def open(self, method: Method[P, OpenedStream], params: P) -> "Chunks":
        """Open a stream of the worker; close it when done."""
        return await self._there().open_stream(method, params)

    def _there(self) -> "Wire":
        if self.wire is None:
            raise problem(
                Code.WORKER_UNAVAILABLE,
                "The worker is not there.",
                why=self.worker_trouble or "the connection to it is being made",
                next="It is tried again by itself; `clonebox-tui worker status` tells more.",
            )
        return self.wire

    # -- looking -----------------------------------------------------------------------------------

    @property
    def machine(self) -> Machine | None:
        """The selected machine."""
        return self.machines.get(self.selected)

    @property
    def host(self) -> HostReading | None:
        """The host of the selected machine, else the first that is known."""
        machine = self.machine
        mine = self.hosts.get(machine.connection) if machine else None
        return mine or next(iter(self.hosts.values()), None)

    @property
    def targets(self) -> tuple[Machine, ...]:
        """What an act is about: the machines that were named, else the marked ones, else the selected one."""
        if self._aimed:
            return tuple(self.machines[each] for each in self._aimed if each in self.machines)
        marked = tuple(self.machines[each] for each in self.machines if each in self.marked)
        return marked or ((self.machine,) if self.machine else ())

    @contextmanager
    def aimed_at(self, machines: Iterable[str]) -> Iterator[None]:
        """While this lasts, acts are about these machines, whatever is marked or selected."""
        self._aimed = tuple(dict.fromkeys(machines))
        try:
            yield
        finally:
            self._aimed = ()

    def job_of(self, machine: str) -> Job | None:
        """The job that works on a machine now."""
        return self._busy.get(machine)

    @property
    def live_jobs(self) -> tuple[Job, ...]:
        """Jobs that have not ended, oldest first."""
        return tuple(sorted((j for j in self.jobs.values() if not j.state.ended), key=lambda j: j.created_at))

    def is_stale(self, machine: Machine) -> bool:
        """Whether what is shown of a machine may be old: its connection, or the worker, is away."""
        if self.worker_lost_at is not None:
            return True
        connection = self.connections.get(machine.connection)
        return connection is not None and connection.link is not Link.UP

    def stale_seconds(self, machine: Machine) -> float | None:
        """How old what is shown of a machine is; None when it is live."""
        if not self.is_stale(machine):
            return None
        connection = self.connections.get(machine.connection)
        lost = [
            at for at in (self.worker_lost_at, connection.since if connection else None) if at is not None
        ]
        return max(0.0, self.clock() - (self.worker_lost_at or min(lost, default=self.clock())))

    @property
    def all_stale_seconds(self) -> float | None:
        """How old everything is; None while one host is live: then the rows of the others say it."""
        if self.worker_lost_at is None and self.any_up:
            return None
        return next(map(self.stale_seconds, self.machines.values()), None)

    @property
    def any_up(self) -> bool:
        """Whether at least one connection is up."""
        return any(each.link is Link.UP for each in self.connections.values())

    # -- merging -----------------------------------------------------------------------------------

    def take_fleet(self, fleet: Fleet) -> Changes:
        """The whole fleet, as answered to a request."""
        self.limits = fleet.limits or self.limits
        self.awaited = fleet.more
        return self.apply(FleetChanged(fleet.event, fleet.machines, (), fleet.connections, whole=True))

    def take_jobs(self, jobs: tuple[Job, ...]) -> Changes:
        """The list of jobs, as answered to a request."""
        return self._jobs(jobs, told=False)

    def take_series(self, series: Series) -> bool:
        """History of a machine; dropped when another one is selected by now."""
        if series.machine != self.selected:
            return False
        self.trace.start(series)
        return True

    def select(self, machine: str) -> None:
        """Look at another machine: its history starts anew."""
        if machine != self.selected:
            self.selected = machine
            self.trace = Trace(machine)

    def apply(self, news: News) -> Changes:
        """Merge a notification."""
        self.heard_at = self.clock()
        if isinstance(news, FleetChanged):
            return self._fleet(self._wanted(news))
        if isinstance(news, Samples):
            return self._samples(news)
        if isinstance(news, JobsChanged):
            return self._jobs(news.jobs, told=True)
        if isinstance(news, SnapshotsChanged):
            if self.snapshots.get(news.machine) == news.snapshots:
                return Changes()
            self.snapshots[news.machine] = news.snapshots
            return Changes(snapshots=news.machine)
        return Changes()

    def _wanted(self, news: FleetChanged) -> FleetChanged:
        if not self.only:
            return news
        machines = tuple(each for each in news.machines if each.connection in self.only)
        connections = tuple(each for each in news.connections if each.uri in self.only)
        return msgspec.structs.replace(news, machines=machines, connections=connections)

    def _fleet(self, news: FleetChanged) -> Changes:
        changes = Changes(connections=bool(news.connections or news.closed) or news.whole)
        if news.whole:
            kept = {machine.id for machine in news.machines}
            gone = tuple(each for each in self.machines if each not in kept)
            self.connections = {}
            self.loaded = True
        else:
            gone = news.removed
        for uri in news.closed:
            self.connections.pop(uri, None)
            self.hosts.pop(uri, None)
            self.host_traces.pop(uri, None)
        for each in news.connections:
            self.connections[each.uri] = each
            changes.machines.update(m.id for m in self.machines.values() if m.connection == each.uri)
        if changes.connections:
            self.where.follow(self.connections)
        for each_id in gone:
            self._forget(each_id, changes)
        for machine in news.machines:
            before = self.machines.get(machine.id)
            if before != machine:
                self.machines[machine.id] = machine
                changes.machines.add(machine.id)
                changes.listing |= before is None or before.name != machine.name
                changes.placed |= before is not None and _place(before) != _place(machine)
        return changes

    def _forget(self, machine: str, changes: Changes) -> None:
        if self.machines.pop(machine, None) is not None:
            changes.listing = True
        for known in (self.readings, self.snapshots, self.details):
            known.pop(machine, None)
        self.sparks.forget(machine)
        self.marked.discard(machine)

    def _samples(self, news: Samples) -> Changes:
        readings = [each for each in news.readings if not self.only or each.id in self.machines]
        for reading in readings:
            self.readings[reading.id] = reading
        self.sparks.tick(readings)
        for host in news.hosts:
            if not self.only or host.connection in self.only:
                self.hosts[host.connection] = host
        for uri, host in self.hosts.items():
            connection = self.connections.get(uri)
            if connection is None or connection.link is Link.UP:
                trace = self.host_traces.setdefault(uri, Trace(uri))
                trace.add(news.time, Reading(*msgspec.structs.astuple(host)))
        if self.selected:
            self.trace.add(news.time, self.readings.get(self.selected))
        # A steady machine's spark moves on as well: rows compare what they draw, so this costs little.
        return Changes(machines=set(self.readings), sampled=True)

    def _jobs(self, jobs: tuple[Job, ...], told: bool) -> Changes:
        ended: list[Job] = []
        touched: set[str] = set()
        for job in map(self.where.named, jobs):
            before = self.jobs.get(job.id)
            self.jobs[job.id] = job
            touched.add(job.machine)
            lived = not before.state.ended if before else told and self._listed and not self.worker_lost_at
            if lived and job.state.ended:
                ended.append(job)
        self._listed |= not told
        self._busy = {job.machine: job for job in self.live_jobs if job.machine}
        return Changes(machines=touched, jobs=jobs, ended=tuple(ended))


def _place(machine: Machine) -> tuple[object, ...]:
    return machine.state, machine.trouble, machine.saved, machine.tags, machine.group, machine.note
