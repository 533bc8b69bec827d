"""Lists running programs by the file they really run, and the systemd unit they belong to.

Formats: proc(5) for `exe`, `ns/pid`, `comm` and `cgroup`. Names are shown, never judged by: `goa-daemon`
is no Go, whatever it sounds like.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from clonebox_tui.engine.detect.files import entries, small_text

_DELETED = " (deleted)"
_UNIT = re.compile(r"/system\.slice/(?:[^/]+\.slice/)*([^/]+\.service)(?:/|$)", re.MULTILINE)


@dataclass(frozen=True)
class Process:
    """A process of this host. `deleted` means the file was replaced or removed since it started."""

    pid: int
    executable: str
    name: str
    deleted: bool = False
    unit: str = ""


@dataclass(frozen=True)
class ProcessScan:
    """Every process that may be seen, and how many may not."""

    processes: tuple[Process, ...] = ()
    hidden: int = 0

    def by_pid(self) -> dict[int, Process]:
        """The same by pid."""
        return {process.pid: process for process in self.processes}


def parse_unit(cgroup: str) -> str:
    """The system service a process runs in, by /proc/PID/cgroup (v1, v2 or both); "" for none."""
    match = _UNIT.search(cgroup)
    return match[1].replace("\\x2d", "-") if match else ""


def parse_executable(target: str) -> tuple[str, bool]:
    """The path behind /proc/PID/exe, and whether that file is gone."""
    return (target.removesuffix(_DELETED), True) if target.endswith(_DELETED) else (target, False)


def read_processes(root: Path) -> ProcessScan:
    """Scan /proc: no kernel threads, nothing in containers (their files are not this host's)."""
    proc = root / "proc"
    own_namespace = _link(proc / "self/ns/pid")
    found, hidden = [], 0
    for folder in entries(proc):
        if not folder.name.isdigit():
            continue
        try:
            target = str((folder / "exe").readlink())
        except PermissionError:
            hidden += bool(small_text(folder / "cmdline", 1))  # kernel threads have none
            continue
        except OSError:
            continue  # a kernel thread, or gone meanwhile
        namespace = _link(folder / "ns/pid")
        if not (own_namespace and namespace and namespace != own_namespace):
            found.append(_process(folder, target))
    return ProcessScan(tuple(found), hidden)


def _process(folder: Path, target: str) -> Process:
    executable, deleted = parse_executable(target)
    name = small_text(folder / "comm", 64).strip()
    return Process(int(folder.name), executable, name, deleted, parse_unit(small_text(folder / "cgroup")))


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
