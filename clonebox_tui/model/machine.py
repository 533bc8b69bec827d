"""What a machine is to every front end, whichever provider runs it.

A machine's id is `CONNECTION/UUID` (the connection is a URI such as `qemu:///system`): it never
changes while the machine exists, names may.
"""

from enum import StrEnum

import msgspec

from clonebox_tui.model.labels import Labels


class State(StrEnum):
    """A machine's life state as a person understands it."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    OFF = "off"
    CRASHED = "crashed"
    SUSPENDED = "suspended"
    UNKNOWN = "unknown"


class AgentState(StrEnum):
    """Whether the QEMU guest agent can be talked to."""

    ABSENT = "absent"
    """The machine has no agent channel."""
    DISCONNECTED = "disconnected"
    """There is a channel, nobody answers on it (off, booting, or agent not installed)."""
    CONNECTED = "connected"


class Trouble(StrEnum):
    """Why the host itself paused a machine: a write that could neither be done nor reported to the guest."""

    DISK_FULL = "disk-full"
    DISK_BROKEN = "disk-error"


class Share(msgspec.Struct, frozen=True):
    """A host folder mounted live in the guest. `tag` is short (≤ 31 bytes) and unique in its machine."""

    host: str
    guest: str
    tag: str
    driver: str
    """`virtiofs` or `9p`."""
    readonly: bool = False


class Forward(msgspec.Struct, frozen=True):
    """A TCP port of the host that leads to one of the guest."""

    host_port: int
    guest_port: int
    bind: str = "127.0.0.1"


class Machine(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One row of the machine list: small, since there may be thousands.

    Not for the garbage collector: it refers to nothing that could refer back.
    """

    id: str
    name: str
    state: State
    connection: str
    uuid: str
    vcpus: int = 0
    memory_bytes: int = 0
    agent: AgentState = AgentState.ABSENT
    managed: bool = False
    """Made by this program (others are shown too, with a mark)."""
    persistent: bool = True
    autostart: bool = False
    saved: bool = False
    """Its memory lies on disk (managed save) and the next start resumes it."""
    started_at: float | None = None
    """UNIX seconds; None where the provider cannot know."""
    tags: tuple[str, ...] = ()
    group: str = ""
    note: str = ""
    trouble: Trouble | None = None

    @property
    def labels(self) -> Labels:
        """What is written on it."""
        return Labels(self.tags, self.group, self.note)


class Disk(msgspec.Struct, frozen=True):
    """A disk of a machine; sizes in bytes, None where unknown."""

    target: str
    path: str
    format: str = ""
    capacity_bytes: int | None = None
    allocation_bytes: int | None = None
    readonly: bool = False


class MachineDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """Everything `show` tells about one machine."""

    machine: Machine
    addresses: tuple[str, ...] = ()
    disks: tuple[Disk, ...] = ()
    shares: tuple[Share, ...] = ()
    forwards: tuple[Forward, ...] = ()
    networks: tuple[str, ...] = ()
    """One line an interface: kind, source, MAC address."""
    user: str = ""
    image: str = ""
    folder: str = ""
    """The host folder this machine was cloned from."""
    packages: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    log_sources: tuple[str, ...] = ()
    state_reason: str = ""
    """Why it is in its state, where the provider knows: `I/O error`, `crashed`, `failed`, `user` …"""
    disk_errors: tuple[str, ...] = ()
    """One line a disk that QEMU could not read or write: `vda: no space`."""
    accelerator: str = ""
    key_path: str = ""
    """The private key that logs in as `user`."""
    known_hosts_path: str = ""
    """A known_hosts file that pins the guest's host key."""
    definition: str = ""
    """The provider's own text (domain XML), secrets removed."""
    needs: tuple[str, ...] = ()
    """Files besides its disks that its definition names: kernel, initrd, what its disks stand on."""


def by_name(machine: Machine) -> str:
    """Sorts machines as every list shows them; a string, since thousands of tuples wake the collector."""
    return f"{machine.name.lower()}\0{machine.name}\0{machine.id}"


def machine_id(connection: str, uuid: str) -> str:
    """The id of the machine `uuid` on `connection`."""
    return f"{connection}/{uuid}"


def split_id(machine: str) -> tuple[str, str]:
    """`(connection, uuid)` of a machine id."""
    connection, _, uuid = machine.rpartition("/")
    return connection, uuid
