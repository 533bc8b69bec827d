"""Finds the packages that were asked for by hand (what `apt-mark showmanual` prints)."""

from collections.abc import Iterator

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
    for _, package in sorted(packages.items()):
        if not package.automatic:
            yield item(
                DetectedKind.PACKAGE,
                package.name,
                f"{package.name} {package.version} is installed and not marked automatic (apt)",
                PackageFacts(package.version, package.section, package.priority, package.installed_bytes),
                suggested=suggest_package(package),
            )
