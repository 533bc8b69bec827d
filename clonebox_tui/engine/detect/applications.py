"""Finds the packages that are in use: every running program, traced to its package by its file."""

from collections.abc import Iterator

from clonebox_tui.engine.detect.host import Host
from clonebox_tui.engine.detect.items import item, notice
from clonebox_tui.engine.detect.processes import Process
from clonebox_tui.engine.detect.suggestion import suggest_package
from clonebox_tui.model.environment import ApplicationFacts, Confidence, DetectedItem, DetectedKind

SOURCE = "applications"


def find_applications(host: Host) -> Iterator[DetectedItem]:
    """One item a package with running programs; a notice when some processes may not be seen."""
    running: dict[str, list[Process]] = {}
    for process in host.scan().processes:
        package = host.package_of(process.executable)
        if package is not None:
            running.setdefault(package.name, []).append(process)
    for name, processes in sorted(running.items()):
        yield _application(host, name, processes)
    if host.scan().hidden:
        yield notice(SOURCE, f"this account may not look at some processes ({host.scan().hidden})")


def _application(host: Host, name: str, processes: list[Process]) -> DetectedItem:
    first = processes[0]
    more = f", and {len(processes) - 1} more" if len(processes) > 1 else ""
    gone = " (its file was replaced since it started)" if first.deleted else ""
    return item(
        DetectedKind.APPLICATION,
        name,
        f"pid {first.pid} {first.executable}{gone} belongs to package {name} (dpkg){more}",
        ApplicationFacts(name, first.executable, tuple(process.pid for process in processes)),
        Confidence.MEDIUM if first.deleted else Confidence.HIGH,
        suggested=suggest_package(host.packages()[name]) and host.can_be_installed(name),
    )
