"""Shares what several sources of one detection need, each read once and only when somebody asks."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from clonebox_tui.engine.detect.dpkg import Package, read_owners, read_packages
from clonebox_tui.engine.detect.processes import ProcessScan, read_processes
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
        self.owners: Once[dict[str, str]] = Once(self._read_owners)

    def _read_owners(self) -> dict[str, str]:
        paths = {process.executable for process in self.scan().processes}
        for unit in self.units():
            paths |= {unit.path, *unit.executables}
        return read_owners(paths, self.root)

    def package_of(self, path: str) -> Package | None:
        """The installed package that owns a running program or a unit file."""
        return self.packages().get(self.owners().get(path, ""))
