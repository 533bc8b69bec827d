"""What a fresh connection can do, found out once by asking it."""

import os
from pathlib import Path

import libvirt
import msgspec

from clonebox_tui.model.connection import Connection
from clonebox_tui.providers.protocol import Capability

_VHOST_USER = Path("/usr/share/qemu/vhost-user")
_EVERYWHERE = (Capability.DEFINE, Capability.SNAPSHOTS, Capability.MEMORY_SNAPSHOTS, Capability.STATS)
_QEMU = (Capability.GUEST_AGENT, Capability.LOGS, Capability.USER_NETWORK, Capability.NINE_P)


def greet(connection: libvirt.virConnect, state: Connection) -> Connection:
    """`state` with the kind of hypervisor, the host's name and the capabilities filled in."""
    kind = connection.getType()
    return msgspec.structs.replace(
        state,
        hypervisor=kind,
        host=connection.getHostname(),
        capabilities=tuple(each.value for each in _capabilities(kind, state.uri)),
    )


def _capabilities(kind: str, uri: str) -> tuple[Capability, ...]:
    if kind != "QEMU":
        return _EVERYWHERE
    found: tuple[Capability, ...] = (*_EVERYWHERE, *_QEMU)
    if not uri.startswith("qemu:///"):
        # Log files lie on the other host.
        found = tuple(each for each in found if each is not Capability.LOGS)
    return (*found, Capability.VIRTIOFS) if _virtiofs(uri) else found


def _virtiofs(uri: str) -> bool:
    """libvirt 9 starts virtiofsd only as root; as root the session is the system daemon, too."""
    privileged = uri.partition("?")[0].endswith("/system") or os.geteuid() == 0
    return privileged and any(_VHOST_USER.glob("*virtiofsd*.json"))


def version(connection: libvirt.virConnect) -> str:
    """The hypervisor with its version. Slow (seconds) when libvirt must probe QEMU anew."""
    number = connection.getVersion()
    return f"{connection.getType()} {number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"
