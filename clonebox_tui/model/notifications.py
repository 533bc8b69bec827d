"""What the worker tells front ends by itself: each tag is the method of a JSON-RPC notification."""

import msgspec

from clonebox_tui.model.connection import Connection, HostReading
from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.sample import Reading
from clonebox_tui.model.snapshot import Snapshot

STREAM = "stream"
"""The method of the notifications that are pieces of a stream (`chunk`)."""


class FleetChanged(msgspec.Struct, frozen=True, tag_field="kind", tag="fleet.changed"):
    """Machines that changed or came, ids that went, connections that changed, URIs of those that were
    taken away. `whole`: forget the rest."""

    event: int
    machines: tuple[Machine, ...] = ()
    removed: tuple[str, ...] = ()
    connections: tuple[Connection, ...] = ()
    whole: bool = False
    closed: tuple[str, ...] = ()


class Samples(msgspec.Struct, frozen=True, tag_field="kind", tag="samples"):
    """One tick: readings that differ from the last tick's, for all machines; hosts; UNIX seconds."""

    time: float
    readings: tuple[Reading, ...]
    hosts: tuple[HostReading, ...] = ()


class JobsChanged(msgspec.Struct, frozen=True, tag_field="kind", tag="jobs.changed"):
    """Jobs that changed, whole."""

    event: int
    jobs: tuple[Job, ...]


class SnapshotsChanged(msgspec.Struct, frozen=True, tag_field="kind", tag="snapshots.changed"):
    """The snapshots of a watched machine, whole."""

    event: int
    machine: str
    snapshots: tuple[Snapshot, ...]


class Leaving(msgspec.Struct, frozen=True, tag_field="kind", tag="worker.leaving"):
    """The worker was told to leave, by a person: front ends that stay do not start another by themselves."""


News = FleetChanged | Samples | JobsChanged | SnapshotsChanged | Leaving
"""What is told to everybody who asked for it; chunks go to whoever opened their stream."""
