"""What the engine asks of a place where machines live; one implementation a package.

Every coroutine may be slow: implementations never block the event loop (libvirt's calls run in the
connection's own threads). All errors leave as `ProblemError`. Listeners are called on the event loop's
thread. A `uuid` that does not exist raises MACHINE_NOT_FOUND; a lost connection CONNECTION_LOST.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from clonebox_tui.model.connection import Connection, HostReading
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import Disk, Machine, MachineDetails, Share
from clonebox_tui.model.sample import Counters
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.model.trash import Definition
from clonebox_tui.providers.console import Console


class Capability(StrEnum):
    """What a provider can do at all; a missing one disables acts, with its reason."""

    DEFINE = "define"
    SNAPSHOTS = "snapshots"
    MEMORY_SNAPSHOTS = "memory-snapshots"
    LIVE_DISK_SNAPSHOTS = "live-disk-snapshots"
    """A running machine's disk alone can be kept, and gone back to."""
    GUEST_AGENT = "guest-agent"
    STATS = "stats"
    LOGS = "logs"
    VIRTIOFS = "virtiofs"
    NINE_P = "9p"
    USER_NETWORK = "user-network"


class Call(msgspec.Struct, frozen=True):
    """How one act is really done, for plans: the exact call, and the line a person could type."""

    call: str
    equivalent: str = ""


class LogChunk(msgspec.Struct, frozen=True):
    """Bytes of a log from `offset`; `size` is the log's length now. `identity` changes when the file was
    rotated or replaced (read on from 0 then)."""

    data: bytes
    offset: int
    size: int
    identity: str
    changed_at: float = 0.0
    """UNIX seconds of the last write."""

    files: tuple[str, ...] = ()
    """Identities of all files of this log, the oldest first; empty where there is one only."""


class Listener(Protocol):
    """What a provider tells, on the event loop's thread, as soon as it knows."""

    def machine_changed(self, machine: Machine) -> None:
        """A machine came or changed (state, agent, name, definition)."""

    def machine_removed(self, machine: str) -> None:
        """The machine with this id is gone."""

    def connection_changed(self, connection: Connection) -> None:
        """The link went up or down; after up the engine lists machines anew."""


class Provider(Protocol):
    """A connection to a place where machines live. Constructed cheap; `open` connects."""

    @property
    def uri(self) -> str:
        """The connection's URI: the first half of its machines' ids."""

    @property
    def connection(self) -> Connection:
        """The link as it is now; `capabilities` are values of `Capability`."""

    async def open(self, listener: Listener) -> None:
        """Connect and keep connected (reconnecting by itself with back-off); returns after the first
        try, whatever came of it: the listener hears."""

    async def close(self) -> None:
        """Let go of everything; machines run on."""

    async def machines(self) -> Sequence[Machine]:
        """All machines, made here or not."""

    async def details(self, uuid: str) -> MachineDetails:
        """One machine in full."""

    async def counters(self, detailed: frozenset[str]) -> Sequence[Counters]:
        """Counters of all machines; the costly ones (memory, disk, network) only for `detailed` uuids.
        At most one such call runs at a time; it waits for nobody and nobody for it."""

    async def host(self) -> HostReading:
        """The host's load, averaged since the last call."""

    async def start(self, uuid: str) -> None:
        """Boot; returns once it runs."""

    async def ask_to_stop(self, uuid: str, mode: str) -> None:
        """Ask the guest to power off; `mode` is `agent` or `acpi`. Returns when asked, not when off."""

    async def ask_to_reboot(self, uuid: str, mode: str) -> None:
        """Ask the guest to reboot; `mode` is `agent` or `acpi`."""

    async def kill(self, uuid: str) -> None:
        """Pull the plug."""

    async def pause(self, uuid: str) -> None:
        """Freeze the vCPUs."""

    async def resume(self, uuid: str) -> None:
        """Thaw the vCPUs."""

    async def define(self, spec: MachineSpec) -> Machine:
        """Define a machine (validated against the provider's schema), not started. NAME_TAKEN if so."""

    async def undefine(self, uuid: str) -> None:
        """Forget a machine that is off, with all metadata of its snapshots; disks stay."""

    async def definition(self, uuid: str) -> Definition:
        """All that `put_back` needs to bring the machine back, its snapshots with it."""

    async def set_aside(self, uuid: str) -> None:
        """Forget a machine that is off; what the host keeps for it besides its disks stays, too."""

    async def put_back(self, kept: Definition, name: str, moved: tuple[str, str] = ("", "")) -> Machine:
        """Define a machine as it was, off, under `name`; files below `moved[0]` lie below `moved[1]` now.
        Bears that it was done, or half done, before. NAME_TAKEN."""

    async def spec(self, uuid: str) -> MachineSpec | None:
        """The spec a machine was defined from; None for machines not made here."""

    async def write_labels(self, uuid: str, labels: Labels) -> None:
        """Write tags, group and note into the machine's own definition, on machines made elsewhere too;
        a running one shows them at once. Listeners hear."""

    async def eject_seed(self, uuid: str) -> None:
        """Take the seed medium out of the running machine and out of its definition."""

    async def snapshots(self, uuid: str) -> Sequence[Snapshot]:
        """All snapshots of a machine."""

    async def create_snapshot(
        self, uuid: str, name: str, description: str, memory: bool, safety: bool
    ) -> None:
        """Take a snapshot; `memory` is ignored when off. Live shares must be out of the way."""

    async def restore_snapshot(self, uuid: str, name: str) -> None:
        """Bring the machine back to that state (running if the snapshot has memory)."""

    async def delete_snapshot(self, uuid: str, name: str, children: bool) -> None:
        """Delete a snapshot; children are kept (re-parented) unless `children`."""

    async def disks_at(self, uuid: str, snapshot: str) -> Sequence[Disk]:
        """The writable disks the machine had when the snapshot was taken; none where nobody knows."""

    async def begin_copy(self, uuid: str, target: str) -> None:
        """Begin to copy a running machine's first disk into the new qcow2 file `target`, which stands on
        no other; on return the moment it will hold is fixed. One copy a machine at a time."""

    async def copied(self, uuid: str) -> tuple[int, int] | None:
        """Bytes copied and bytes in all; None once the copy is whole. LIBVIRT_ERROR when it broke."""

    async def abort_copy(self, uuid: str) -> None:
        """End a copy that runs; without one nothing happens."""

    async def settle(self, uuid: str) -> None:
        """Return once nothing goes on any more that was begun on this machine, also by another process."""

    async def detach_share(self, uuid: str, tag: str) -> None:
        """Take a share's device out of the running machine only (its definition keeps it)."""

    async def attach_share(self, uuid: str, share: Share) -> None:
        """Put a share's device back into the running machine."""

    async def agent(self, uuid: str, command: dict[str, object], timeout_seconds: float) -> object:
        """Send one QMP-style command to the guest agent, return its `return` value.
        AGENT_UNAVAILABLE (not there), TIMED_OUT, GUEST_ERROR (the agent's own error)."""

    async def console(self, uuid: str, take_over: bool = False) -> Console:
        """Take the machine's serial line; close it. MACHINE_BUSY while somebody else has it, unless
        `take_over` ends theirs; WRONG_STATE, NOT_SUPPORTED (it has none)."""

    async def read_log(
        self, uuid: str, source: str, offset: int, limit_bytes: int, identity: str = ""
    ) -> LogChunk:
        """A piece of a log; a negative `offset` counts from the end. `identity` asks for that file of it,
        wherever it was rotated to; where it is gone, the newest answers. LOG_NOT_FOUND."""

    def explain(self, operation: str, machine: str, argument: str = "") -> Call:
        """How an operation of this protocol (its method's name) is done here, for plans."""
