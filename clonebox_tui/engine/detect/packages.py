"""Finds the packages that were asked for by hand (what `apt-mark showmanual` prints)."""

from collections.abc import Iterator

from clonebox_tui.engine.detect.dpkg import Package
from clonebox_tui.engine.detect.host import Host
from clonebox_tui.engine.detect.items import item, notice
from clonebox_tui.engine.detect.suggestion import suggest_package
from clonebox_tui.model.environment import DetectedItem, DetectedKind, PackageFacts

SOURCE = "packages"


def find_packages(host: Host) -> Iterator[DetectedItem]:
    """One item a manually installed package; a notice on a host without dpkg."""
    packages = host.packages()
    if not packages:
        yield notice(SOURCE, "no dpkg records: this is no Debian or Ubuntu, or they cannot be read")
    manual = [package for _, package in sorted(packages.items()) if not package.automatic]
    candidates = [package for package in manual if suggest_package(package)]
    for package in manual:
        if package not in candidates:
            yield _package(package)
    for package in candidates:  # last: apt takes a moment to say which ones an archive has
        yield _package(package, candidate=True, available=host.can_be_installed(package.name))


def _package(package: Package, *, candidate: bool = False, available: bool = True) -> DetectedItem:
    lack = "" if available else "; the distribution's own archive does not have it"
    return item(
        DetectedKind.PACKAGE,
        package.name,
        f"{package.name} {package.version} is installed and not marked automatic (apt){lack}",
        PackageFacts(package.version, package.section, package.priority, package.installed_bytes),
        suggested=candidate and available,
    )
