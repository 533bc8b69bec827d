"""Connections to hosts that run machines, and what is known of such a host."""

from enum import StrEnum

import msgspec

from clonebox_tui.model.problem import Problem


class Link(StrEnum):
    """State of a connection. Lost never looks like empty: front ends show it."""

    CONNECTING = "connecting"
    UP = "up"
    DOWN = "down"


class Connection(msgspec.Struct, frozen=True, omit_defaults=True):
    """One connection as shown in the header and by `doctor`."""

    uri: str
    link: Link
    since: float
    """UNIX seconds of the last change of `link`."""
    provider: str
    """`libvirt` or `simulated`."""
    hypervisor: str = ""
    host: str = ""
    problem: Problem | None = None
    retry_at: float | None = None
    attempt: int = 0
    capabilities: tuple[str, ...] = ()


class HostReading(msgspec.Struct, frozen=True, array_like=True):
    """The host's own load at one moment; percent of all its CPUs, bytes, bytes a second.

    Its fields are those of a `Reading`, which it becomes in a history. Disk and network of a remote host are
    not offered: libvirt tells nothing of them.
    """

    connection: str
    cpu_percent: float | None
    memory_used_bytes: int | None
    memory_total_bytes: int | None
    disk_read_rate: float | None = None
    disk_write_rate: float | None = None
    net_rx_rate: float | None = None
    net_tx_rate: float | None = None
