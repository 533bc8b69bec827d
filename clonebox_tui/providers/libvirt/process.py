"""When QEMU's process of a machine began: libvirt does not say, its pid file and /proc do."""

import os
from pathlib import Path


def started_at(name: str, uri: str, proc: Path = Path("/proc")) -> float | None:
    """UNIX seconds when the machine's process started; None where that cannot be read."""
    try:
        pid = int(_pid_file(name, uri).read_text())
        # proc(5): field 22 counts from after the process name, which may hold spaces and brackets.
        ticks = int((proc / str(pid) / "stat").read_text().rpartition(")")[2].split()[19])
        lines = (proc / "stat").read_text().splitlines()
        boot = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    return boot + ticks / os.sysconf("SC_CLK_TCK")


def _pid_file(name: str, uri: str) -> Path:
    if uri.endswith("/system") or os.geteuid() == 0:
        return Path("/run/libvirt/qemu") / f"{name}.pid"
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return Path(runtime) / "libvirt" / "qemu" / "run" / f"{name}.pid"
