"""Reads what this host has to give: CPUs, memory and disk, as far as this process may use them."""

import os
import re
import shutil
from pathlib import Path

from clonebox_tui.engine.detect.files import small_text
from clonebox_tui.model.environment import HostLimits

_FIELD = re.compile(r"^(MemTotal|MemAvailable):\s+(\d+) kB", re.MULTILINE)


def read_host_limits(disk_folder: Path, root: Path = Path("/")) -> HostLimits:
    """The host's limits; `disk_folder` is where disks will lie (it need not be there yet)."""
    memory = {name: int(kib) * 1024 for name, kib in _FIELD.findall(small_text(root / "proc/meminfo"))}
    total = memory.get("MemTotal", 0)
    return HostLimits(
        cpus=len(os.sched_getaffinity(0)),
        memory_bytes=total,
        memory_available_bytes=min(memory.get("MemAvailable", total), _cgroup_room(root, total)),
        disk_free_bytes=_disk_free(disk_folder),
    )


def _cgroup_room(root: Path, total: int) -> int:
    """What a container's memory limit (cgroup v2) leaves; `total` where there is none."""
    limit = small_text(root / "sys/fs/cgroup/memory.max").strip()
    used = small_text(root / "sys/fs/cgroup/memory.current").strip()
    if not (limit.isdigit() and used.isdigit()):
        return total
    return max(0, int(limit) - int(used))


def _disk_free(folder: Path) -> int:
    for place in (folder, *folder.parents):
        if place.is_dir():
            return shutil.disk_usage(place).free
    return 0
