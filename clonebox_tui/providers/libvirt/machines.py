"""Domains as machines: the row of the list, quickly and for all."""

from collections.abc import Mapping
from dataclasses import dataclass

import libvirt

from clonebox_tui.model.machine import AgentState, Machine, State, Trouble, machine_id
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.libvirt import labels, metadata
from clonebox_tui.providers.libvirt.process import started_at
from clonebox_tui.providers.libvirt.xml import Element, parse, size_bytes

AGENT_CHANNEL = "org.qemu.guest_agent.0"
_STATES: Mapping[int, State] = {
    libvirt.VIR_DOMAIN_RUNNING: State.RUNNING,
    libvirt.VIR_DOMAIN_BLOCKED: State.RUNNING,
    libvirt.VIR_DOMAIN_PAUSED: State.PAUSED,
    libvirt.VIR_DOMAIN_SHUTDOWN: State.STOPPING,
    libvirt.VIR_DOMAIN_SHUTOFF: State.OFF,
    libvirt.VIR_DOMAIN_CRASHED: State.CRASHED,
    libvirt.VIR_DOMAIN_PMSUSPENDED: State.SUSPENDED,
}


@dataclass(frozen=True)
class Flags:
    """What libvirt tells apart from the definition."""

    state: State
    persistent: bool
    autostart: bool
    saved: bool


def state_of(number: int) -> State:
    """Our word for one of libvirt's states."""
    return _STATES.get(number, State.UNKNOWN)


def read_all(connection: libvirt.virConnect, uri: str) -> list[Machine]:
    """All machines: a handful of bulk calls, and one for each definition."""
    persistent = _uuids(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT)
    autostart = _uuids(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART)
    saved = _uuids(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE)
    found: list[Machine] = []
    for domain, state in states(connection):
        uuid = domain.UUIDString()
        flags = Flags(state, uuid in persistent, uuid in autostart, uuid in saved)
        try:
            found.append(_machine(domain, uri, flags))
        except libvirt.libvirtError as error:
            # Gone since it was listed.
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
    return found


def states(connection: libvirt.virConnect) -> list[tuple[libvirt.virDomain, State]]:
    """All domains with their states, in one call that waits for no busy domain."""
    flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
    answers = connection.getAllDomainStats(libvirt.VIR_DOMAIN_STATS_STATE, flags)
    return [(domain, state_of(stats.get("state.state", 0))) for domain, stats in answers]


def read_one(domain: libvirt.virDomain, uri: str) -> Machine:
    """One machine as it is now."""
    persistent = bool(domain.isPersistent())
    flags = Flags(
        state_of(domain.state()[0]),
        persistent,
        persistent and bool(domain.autostart()),
        persistent and bool(domain.hasManagedSaveImage()),
    )
    return _machine(domain, uri, flags)


def _uuids(connection: libvirt.virConnect, flags: int) -> frozenset[str]:
    return frozenset(domain.UUIDString() for domain in connection.listAllDomains(flags))


def _machine(domain: libvirt.virDomain, uri: str, flags: Flags) -> Machine:
    tree, uuid = parse(domain.XMLDesc()), domain.UUIDString()
    alive = flags.state not in (State.OFF, State.CRASHED)
    vcpu = tree.find("vcpu")
    written = labels.read(tree)
    return Machine(
        id=machine_id(uri, uuid),
        name=domain.name(),
        state=flags.state,
        connection=uri,
        uuid=uuid,
        vcpus=0 if vcpu is None else int(vcpu.get("current") or vcpu.text or 0),
        memory_bytes=size_bytes(tree.find("memory")),
        agent=agent_state(tree),
        managed=metadata.is_ours(tree),
        persistent=flags.persistent,
        autostart=flags.autostart,
        saved=flags.saved,
        started_at=started_at(domain.name(), uri) if alive and uri.startswith("qemu:///") else None,
        tags=written.tags,
        group=written.group,
        note=written.note,
        trouble=_trouble(domain) if flags.state is State.PAUSED else None,
    )


def _trouble(domain: libvirt.virDomain) -> Trouble | None:
    """Whether QEMU paused the domain by itself, since a disk of it could not be written or read."""
    if domain.state()[1] != libvirt.VIR_DOMAIN_PAUSED_IOERROR:
        return None
    full = libvirt.VIR_DOMAIN_DISK_ERROR_NO_SPACE in domain.diskErrors().values()
    return Trouble.DISK_FULL if full else Trouble.DISK_BROKEN


def agent_state(tree: Element) -> AgentState:
    """Whether the guest's agent has its channel open, as libvirt knows without asking the guest."""
    target = tree.find(f"devices/channel/target[@name='{AGENT_CHANNEL}']")
    if target is None:
        return AgentState.ABSENT
    return AgentState.CONNECTED if target.get("state") == "connected" else AgentState.DISCONNECTED


def lookup(connection: libvirt.virConnect, uuid: str) -> libvirt.virDomain:
    """The domain with this UUID; MACHINE_NOT_FOUND."""
    try:
        return connection.lookupByUUIDString(uuid)
    except libvirt.libvirtError as error:
        unknown = (libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_INVALID_ARG)
        if error.get_error_code() in unknown:
            raise problem(
                Code.MACHINE_NOT_FOUND,
                f"There is no machine {uuid}.",
                why=error.get_error_message() or "",
                next="List the machines: it may have been deleted elsewhere.",
            ) from None
        raise


def refuse_taken(connection: libvirt.virConnect, name: str) -> None:
    """NAME_TAKEN; libvirt would define over another machine of this name."""
    if any(domain.name() == name for domain in connection.listAllDomains()):
        raise problem(
            Code.NAME_TAKEN,
            f"There is a machine {name} already.",
            why=f"names are unique on {connection.getURI()}",
            next="Choose another name, or delete that machine first.",
        )
