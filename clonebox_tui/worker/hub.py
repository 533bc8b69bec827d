"""Tells front ends what happens: numbered events, kept for a while, so that none is missed over a loss."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable

import msgspec

from clonebox_tui.model.job import Job
from clonebox_tui.model.jsonrpc import Notice, line
from clonebox_tui.model.rpc import FleetChanged, JobsChanged, Notification, Samples, SnapshotsChanged, Watch
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.worker.session import SAMPLES_LIMIT_BYTES, Session

KEPT_BYTES = 8 * 1024 * 1024
"""Events kept for front ends that come back."""


def notice(notification: Notification) -> bytes:
    """A notification as it travels: its tag is the method."""
    return line(Notice(str(notification.__struct_config__.tag), notification))


class Hub:
    """Event ids begin at the start's microseconds: those of a later worker are always greater."""

    def __init__(
        self, everything: Callable[[int], Iterable[Notification]], left: Callable[[Session], None]
    ) -> None:
        """`everything` gives the notifications that say all there is, for an event id; `left` hears of
        front ends that went."""
        self._left = left
        self._everything = everything
        self._last = int(time.time() * 1e6)
        self._kept: deque[tuple[int, bytes]] = deque()
        self._kept_bytes = 0
        self._forgotten = self._last
        self._sessions: set[Session] = set()
        self._jobs: dict[str, Job] = {}

    @property
    def last_event(self) -> int:
        """The id of the last event."""
        return self._last

    @property
    def sessions(self) -> frozenset[Session]:
        """The front ends that are connected."""
        return frozenset(self._sessions)

    def opened(self, session: Session) -> None:
        """A front end came."""
        self._sessions.add(session)

    def closed(self, session: Session) -> None:
        """A front end went."""
        if session in self._sessions:
            self._sessions.discard(session)
            self._left(session)

    def watch(self, session: Session, wanted: Watch) -> None:
        """What a front end wants from now on; first what it missed, or everything."""
        session.watch = wanted
        if wanted.since is None:
            return
        if self._forgotten <= wanted.since <= self._last:
            for event, data in self._kept:
                if event > wanted.since:
                    session.send(data)
        else:
            for notification in self._everything(self._last):
                session.send(notice(notification))

    def fleet_changed(self, changed: FleetChanged) -> None:
        """Machines or connections changed (`event` is filled in here)."""
        self._publish(msgspec.structs.replace(changed, event=self._next()))

    def job_changed(self, job: Job) -> None:
        """A job changed; all that change in one turn of the loop are told together."""
        if not self._jobs:
            asyncio.get_running_loop().call_soon(self._tell_jobs)
        self._jobs[job.id] = job

    def snapshots_changed(self, machine: str, snapshots: tuple[Snapshot, ...]) -> None:
        """The snapshots of a machine changed; only those who watch it hear."""
        data = notice(SnapshotsChanged(self._next(), machine, snapshots))
        for session in self._watching():
            if session.watch is not None and machine in session.watch.detail:
                session.send(data)

    def sampled(self, samples: Samples) -> None:
        """One tick; not kept, and left out for whoever has not read the last ones."""
        wanting = [session for session in self._watching() if session.watch and session.watch.samples]
        if wanting:
            data = notice(samples)
            for session in wanting:
                session.send(data, SAMPLES_LIMIT_BYTES)

    @property
    def detailed(self) -> frozenset[str]:
        """Ids of the machines that some front end shows."""
        return frozenset(
            machine for session in self._watching() if session.watch for machine in session.watch.detail
        )

    @property
    def wants_samples(self) -> bool:
        """Whether any front end draws samples."""
        return any(session.watch and session.watch.samples for session in self._sessions)

    def _tell_jobs(self) -> None:
        jobs, self._jobs = self._jobs, {}
        self._publish(JobsChanged(self._next(), tuple(jobs.values())))

    def _next(self) -> int:
        self._last += 1
        return self._last

    def _watching(self) -> list[Session]:
        return [session for session in self._sessions if session.watch is not None]

    def _publish(self, notification: FleetChanged | JobsChanged) -> None:
        data = notice(notification)
        self._kept.append((notification.event, data))
        self._kept_bytes += len(data)
        while self._kept_bytes > KEPT_BYTES and len(self._kept) > 1:
            self._forgotten, dropped = self._kept.popleft()
            self._kept_bytes -= len(dropped)
        for session in self._watching():
            if not (session.listing and isinstance(notification, FleetChanged)):
                session.send(data)
