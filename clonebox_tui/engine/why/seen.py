"""Everything the rules look at, gathered at one moment."""

from dataclasses import dataclass

from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import MachineDetails
from clonebox_tui.model.problem import Problem


@dataclass(frozen=True)
class Guest:
    """What the guest itself told by its agent; empty where it said nothing."""

    cloud_init: str = ""
    """cloud-init's own word for how it is: `done`, `running`, `error`, …"""
    cloud_init_errors: tuple[str, ...] = ()
    failed_units: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    """Mount points with less than a hundredth free."""
    mounted: frozenset[str] = frozenset()
    """Sources and targets of all mounts."""
    addresses: tuple[str, ...] = ()
    knows_addresses: bool = False
    system: str = ""
    """systemd's own word for the whole system: `running`, `initializing`, `maintenance`, …"""
    waits_for: tuple[str, ...] = ()
    """Units that systemd is starting at this moment."""


@dataclass(frozen=True)
class Seen:
    """The machine, what it wrote, what its agent says, what this host can give."""

    details: MachineDetails
    serial: tuple[str, ...] = ()
    """The console since the last boot, oldest first."""
    serial_quiet_seconds: float | None = None
    """Since something was written there; None where it cannot be read."""
    qemu: tuple[str, ...] = ()
    """QEMU's own log of its last run."""
    up_seconds: float | None = None
    agent: str = ""
    """`answers`, `hangs`, `disconnected`, `absent`."""
    guest: Guest = Guest()
    job: Job | None = None
    """The machine's last job that failed, if nothing succeeded since."""
    disks: Problem | None = None
    """What is wrong with its disks and what they stand on."""
    missing: tuple[str, ...] = ()
    """Files that its definition names and that are not there; known of a machine that is off."""
    memory_free_bytes: int = 64 * GIBIBYTE
    disk_free_bytes: int = 64 * GIBIBYTE
    unread: tuple[tuple[str, str], ...] = ()
    """Sources that could not be read, each with the reason."""

    @property
    def host(self) -> str:
        """Who says how it is, as evidence names its source."""
        return "simulated" if self.details.machine.connection.startswith("simulated:") else "libvirt"
