"""Finds the ports this host listens on, with the process, unit and package behind each."""

from collections.abc import Iterator

from clonebox_tui.engine.detect.host import Host
from clonebox_tui.engine.detect.items import item
from clonebox_tui.engine.detect.processes import Process
from clonebox_tui.engine.detect.services import package_to_install
from clonebox_tui.engine.detect.sockets import Listener, read_listeners, read_socket_owners
from clonebox_tui.engine.detect.suggestion import belongs_to_host_only
from clonebox_tui.engine.detect.units import EnabledUnit
from clonebox_tui.model.environment import Confidence, DetectedItem, DetectedKind, PortFacts

SOURCE = "ports"


def find_ports(host: Host) -> Iterator[DetectedItem]:
    """One item a listening port and protocol; several addresses of one port are told in one sentence."""
    listeners = read_listeners(host.root)
    owners = read_socket_owners(host.root, [listener.inode for listener in listeners])
    processes = host.scan().by_pid()
    grouped: dict[tuple[str, int], list[Listener]] = {}
    for listener in listeners:
        grouped.setdefault((listener.protocol, listener.port), []).append(listener)
    for _, group in sorted(grouped.items()):
        pid = next((owners[listener.inode] for listener in group if listener.inode in owners), None)
        yield _port(host, group, pid, processes.get(pid) if pid is not None else None)


def _port(host: Host, group: list[Listener], pid: int | None, process: Process | None) -> DetectedItem:
    widest = min(group, key=lambda listener: (listener.loopback, listener.family))
    package = host.package_of(process.executable) if process else None
    enabled = _enabled_unit(host, process)
    unit = process.unit if process and process.unit else enabled.unit if enabled else ""
    facts = PortFacts(
        port=widest.port,
        protocol=widest.protocol,
        address=widest.address,
        family=widest.family,
        loopback=all(listener.loopback for listener in group),
        pid=pid,
        process=process.name if process else "",
        unit=unit,
        package=package.name if package else "",
    )
    return item(
        DetectedKind.PORT,
        f"{widest.port}/{widest.protocol}",
        _evidence(group, facts, process),
        facts,
        Confidence.HIGH if pid is not None else Confidence.MEDIUM,
        suggested=widest.protocol == "tcp" and enabled is not None and not belongs_to_host_only(enabled.stem),
    )


def _enabled_unit(host: Host, process: Process | None) -> EnabledUnit | None:
    """The enabled unit a process belongs to: by its cgroup, by its program, else by its package."""
    if process is None:
        return None
    units = host.units()
    for unit in units:
        if process.unit == unit.unit or process.executable in unit.executables:
            return unit
    package = host.package_of(process.executable)
    for unit in units if package and not process.unit else ():
        owner = host.package_of(unit.path)
        if owner is not None and package is not None:
            if package.name in (owner.name, package_to_install(host, owner).name):
                return unit
            if owner.name in package.depends and owner.name.endswith("-common"):
                return unit
    return None


def _evidence(group: list[Listener], facts: PortFacts, process: Process | None) -> str:
    places = ", ".join(sorted({_place(listener) for listener in group}))
    if process is None:
        seen = f"pid {facts.pid}" if facts.pid else "this account may not see its process"
        return f"{facts.protocol} {places} is listened on; {seen}"
    parts = [f"pid {process.pid} {process.executable} listens on {facts.protocol} {places}"]
    parts += [f"unit {facts.unit}"] if facts.unit else []
    parts += [f"package {facts.package} (dpkg)"] if facts.package else []
    return "; ".join(parts)


def _place(listener: Listener) -> str:
    address = f"[{listener.address}]" if listener.family == "ipv6" else listener.address
    return f"{address}:{listener.port}"
