"""Finds the services this host starts at boot, each with the package that brings it."""

from collections.abc import Iterator

from clonebox_tui.engine.detect.dpkg import Package
from clonebox_tui.engine.detect.host import Host
from clonebox_tui.engine.detect.items import item
from clonebox_tui.engine.detect.suggestion import belongs_to_host_only
from clonebox_tui.engine.detect.units import EnabledUnit
from clonebox_tui.model.environment import Confidence, DetectedItem, DetectedKind, ServiceFacts

SOURCE = "services"


def find_services(host: Host) -> Iterator[DetectedItem]:
    """Every enabled service but templates and those that only serve this machine itself."""
    for unit in host.units():
        if not belongs_to_host_only(unit.stem):
            yield _service(host, unit)


def service_name(unit: EnabledUnit) -> str:
    """As it is written in `services`: a suffix only where it is not `.service`."""
    return unit.unit.removesuffix(".service")


def package_to_install(host: Host, owner: Package) -> Package:
    """The package a person would ask for to get `owner`: itself, or the one that pulled it in.

    Debian keeps nginx.service in nginx-common and postgresql.service in postgresql-common.
    """
    packages = host.packages()
    stem = owner.name.removesuffix("-common")
    if stem != owner.name and stem in packages:
        return packages[stem]
    if not owner.automatic:
        return owner
    wishes = [
        package
        for package in packages.values()
        if not package.automatic and owner.name in package.depends and package.name.startswith(stem)
    ]
    return min(wishes, key=lambda package: len(package.name), default=owner)


def is_running(host: Host, unit: EnabledUnit) -> bool | None:
    """Whether a process is in the unit's cgroup or runs its program; None when there is no telling."""
    processes = host.scan().processes
    if any(process.unit == unit.unit for process in processes):
        return True
    if any(process.executable in unit.executables for process in processes):
        return True
    return None if host.scan().hidden or not unit.executables else False


def _service(host: Host, unit: EnabledUnit) -> DetectedItem:
    owner = host.package_of(unit.path)
    package = package_to_install(host, owner) if owner else None
    owner_name = owner.name if owner else ""
    running = is_running(host, unit)
    return item(
        DetectedKind.SERVICE,
        service_name(unit),
        _evidence(unit, owner, package, running),
        ServiceFacts(unit.unit, package.name if package else "", unit.link, running),
        Confidence.HIGH if package else Confidence.LOW,
        suggested=package is not None
        and (host.can_be_installed(package.name) or host.can_be_installed(owner_name)),
    )


def _evidence(unit: EnabledUnit, owner: Package | None, package: Package | None, running: bool | None) -> str:
    state = {True: "running", False: "not running", None: ""}[running]
    parts = [f"enabled by {unit.link}", state]
    if owner is None or package is None:
        parts.append(f"{unit.path} belongs to no package, so that it cannot be installed")
    elif owner is package:
        parts.append(f"{unit.path} belongs to package {owner.name} (dpkg)")
    else:
        parts.append(f"{unit.path} belongs to {owner.name}, which {package.name} brings (dpkg)")
    return "; ".join(part for part in parts if part)
