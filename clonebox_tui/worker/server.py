"""The worker's side of the wire put together: engine, hub, methods, socket."""

import asyncio
import time

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.engine.fleet import Changes
from clonebox_tui.engine.snapshot_watch import SnapshotWatch
from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.engine.snapshots.schedule import Schedule
from clonebox_tui.model.job import Job
from clonebox_tui.model.rpc import FleetChanged, JobsChanged, Notification
from clonebox_tui.worker.dispatch import Dispatch
from clonebox_tui.worker.hub import Hub, notice
from clonebox_tui.worker.idle import Idleness
from clonebox_tui.worker.listening import Listening
from clonebox_tui.worker.logs import bound_output
from clonebox_tui.worker.passing_connections import PassingConnections
from clonebox_tui.worker.session import SAMPLES_LIMIT_BYTES, Session


class Server:
    """One worker while it lives. `leaving` is set when it was asked to go, by whomever."""

    def __init__(self, world: World, engine: Engine, readonly: bool) -> None:
        self.world = world
        self.engine = engine
        self.started_at = time.time()
        self.leaving = asyncio.Event()
        self.hub = Hub(self._everything, self._left)
        self.dispatch = Dispatch()
        self._listening = Listening(world.places.socket, self.dispatch, self.hub, readonly)
        self.passing = PassingConnections(engine.fleet, engine.needed_connections)
        self._schedule = Schedule(engine.fleet, engine.jobs, Policies(world.places.config))
        self._readonly = readonly
        self._tasks: list[asyncio.Task[None]] = []
        told = self.hub.snapshots_changed
        self._snapshots = SnapshotWatch(engine.fleet, lambda: self.hub.detailed, told, engine.hidden)
        engine.sampler.subscribe(self.hub.sampled)
        engine.fleet.subscribe(self._fleet_changed)
        engine.jobs.subscribe(self._job_changed)

    async def begin(self, idleness: Idleness) -> None:
        """Listen, and look after the socket and the idle time."""
        await self._listening.begin()
        self._tasks = [
            asyncio.create_task(self._listening.stay(), name="socket"),
            asyncio.create_task(self._snapshots.watch(), name="snapshots"),
            asyncio.create_task(bound_output(self.engine.world.places.worker_output), name="output"),
            asyncio.create_task(self.passing.watch(), name="passing connections"),
            *([] if self._readonly else [asyncio.create_task(self._schedule.watch(), name="schedule")]),
            asyncio.create_task(idleness.watch(self._busy, self.leaving), name="idle time"),
        ]

    async def end(self) -> None:
        """Undo what runs while front ends still hear of it, then hang up."""
        for task in self._tasks:
            task.cancel()
        await self.engine.close()
        await asyncio.sleep(0)  # the last job's end is told in the next turn of the loop
        self._listening.close()

    def watched(self, session: Session) -> None:
        """A front end looks at something else now: its samples and snapshots are read accordingly."""
        watch = session.watch
        if watch is None or not watch.samples:
            self.engine.sampler.unwatch(session)
        else:
            known = self.engine.sampler.watch(session, watch.detail)
            only = watch.detail if known else None
            session.send(notice(self.engine.sampler.current(only)), SAMPLES_LIMIT_BYTES)
        self._snapshots.now()

    def _left(self, session: Session) -> None:
        self.engine.sampler.unwatch(session)
        self.passing.left(session)

    def _busy(self) -> bool:
        return bool(self.hub.sessions) or self.engine.busy or self._schedule.active

    def _job_changed(self, job: Job) -> None:
        self.hub.job_changed(job)
        if job.state.ended and job.act.startswith("snapshot."):
            self._snapshots.now()

    def _fleet_changed(self, changes: Changes) -> None:
        news = FleetChanged(0, changes.machines, changes.removed, changes.connections, closed=changes.closed)
        self.hub.fleet_changed(news)

    def _everything(self, event: int) -> tuple[Notification, ...]:
        fleet = self.engine.fleet
        machines, connections = tuple(fleet.machines.values()), tuple(fleet.connections.values())
        return (
            FleetChanged(event, machines, (), connections, whole=True),
            JobsChanged(event, self.engine.jobs.jobs()),
        )
