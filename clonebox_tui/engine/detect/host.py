"""Shares what several sources of one detection need, each read once and only when somebody asks."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from clonebox_tui.engine.detect.archive import read_installable
from clonebox_tui.engine.detect.dpkg import Package, read_owners, read_packages
from clonebox_tui.engine.detect.processes import ProcessScan, read_processes
from clonebox_tui.engine.detect.suggestion import suggest_package
from clonebox_tui.engine.detect.units import EnabledUnit, read_enabled

Value = TypeVar("Value")


class Once(Generic[Value]):
    """A value made by the first thread that wants it, while others wait for it."""

    def __init__(self, make: Callable[[], Value]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[Value] = []

    def __call__(self) -> Value:
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


class Host:
    """One host's records below `root` ("/" but for tests), as they were when first asked for."""

    def __init__(self, directory: Path, environment: Mapping[str, str], root: Path = Path("/")) -> None:
        self.directory = directory
        self.home = environment.get("HOME") or "/"
        self.root = root
        self.packages: Once[dict[str, Package]] = Once(lambda: read_packages(root))
        self.scan: Once[ProcessScan] = Once(lambda: read_processes(root))
        self.units: Once[tuple[EnabledUnit, ...]] = Once(lambda: read_enabled(root))
        self.installable: Once[frozenset[str] | None] = Once(self._read_installable)
        self.owners: Once[dict[str, str]] = Once(self._read_owners)

    def _read_owners(self) -> dict[str, str]:
        paths = {process.executable for process in self.scan().processes}
        for unit in self.units():
            paths |= {unit.path, *unit.executables}
        return read_owners(paths, self.root)

    def can_be_installed(self, name: str) -> bool:
        """Whether a guest can get this package; yes when apt's lists do not tell."""
        known = self.installable()
        return known is None or name in known

    def _read_installable(self) -> frozenset[str] | None:
        """One question for all packages that anything may suggest: asked for by hand, or of a service."""
        packages = self.packages()
        asked = {name for name, package in packages.items() if suggest_package(package)}
        units = {owner for unit in self.units() if (owner := self.owners().get(unit.path)) in packages}
        return read_installable(asked | units, self.root)

    def package_of(self, path: str) -> Package | None:
        """The installed package that owns a running program or a unit file."""
        return self.packages().get(self.owners().get(path, ""))
