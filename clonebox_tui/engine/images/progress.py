"""Tell how far a build is from what its tools say."""

import re
from collections.abc import Callable

ProgressCallback = Callable[[str, float, float | None, str], None]
"""Called with (phase, done, total or None, unit)."""

_COUNT = re.compile(r"(\d+) newly installed")
_GET = re.compile(r"^Get:\d+ \S+ \S+ \S+ \S+ \S+ \S+ \[")
_SETTING_UP = re.compile(r"^Setting up \S+")
_PERCENT = re.compile(r"\((\d+(?:\.\d+)?)/100%\)")


class PackageProgress:
    """Reads mmdebstrap's verbose output: packages downloaded, then packages set up."""

    def __init__(self, report: ProgressCallback) -> None:
        self._report = report
        self._total: float | None = None
        self._counts = {"download": 0, "install": 0}

    def line(self, line: str) -> None:
        """Take in one line of output."""
        count = _COUNT.search(line)
        if count:
            # apt tells once what it will download, and again for the packages it installs last.
            self._total = max(self._total or 0, float(count[1]))
        elif _GET.match(line):
            self._step("download")
        elif _SETTING_UP.match(line):
            self._step("install")

    def _step(self, phase: str) -> None:
        self._counts[phase] += 1
        done = float(self._counts[phase])
        total = max(self._total, done) if self._total else None
        self._report(phase, done, total, "packages")


def percent_reader(phase: str, total_bytes: float, report: ProgressCallback) -> Callable[[str], None]:
    """A line callback for `qemu-img -p`, which says `(12.34/100%)`."""

    def line(text: str) -> None:
        found = _PERCENT.search(text)
        if found:
            report(phase, total_bytes * float(found[1]) / 100, total_bytes, "bytes")

    return line
