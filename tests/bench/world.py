"""A home, state and worker of the benchmark's own, so that nothing of the user's is touched or helps."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType

from clonebox_tui.model.places import Places, places

COCKPIT = (sys.executable, "-m", "clonebox_tui")
EMPTY = (sys.executable, str(Path(__file__).with_name("empty_app.py")))
TABLE = (sys.executable, str(Path(__file__).with_name("table_app.py")))
TABLE_WORD = b"row-0003"
FIRST_NAME = b"api"
"""The machine that every simulated fleet of more than eight lists first."""
EMPTY_WORD = b"empty-ready"
_CHECKOUT = Path(__file__).resolve().parents[2]


class World:
    """A context manager; its front ends see a simulated fleet, or with `connection` that of libvirt."""

    def __init__(self, machines: int = 12, connection: str = "") -> None:
        self.simulated = f"simulated://demo?machines={machines}&seed=1"
        self._demo = not connection
        asked = connection or self.simulated
        self.cockpit = (*COCKPIT, *(("--demo",) if self._demo else ()), "--connect", asked)
        """The command that is measured."""
        self.root = Path(tempfile.mkdtemp(prefix="cbb-", dir="/tmp"))
        self.root.chmod(0o700)
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "HOME": str(self.root),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(_CHECKOUT),
            "CLONEBOX_RUNTIME_DIR": str(self.root / "run"),
            **{f"XDG_{name}_HOME": str(self.root / name) for name in ("STATE", "CONFIG", "DATA", "CACHE")},
            **{name: value for name, value in os.environ.items() if name in ("CLONEBOX_STOCK_COMPOSITOR",)},
        }
        (self.root / "run").mkdir(mode=0o700)

    @property
    def places(self) -> Places:
        """Where its worker lives."""
        return places(self.environment, os.geteuid(), demo=self._demo)

    @property
    def worker_pid(self) -> int | None:
        """The worker's process, if there is one."""
        try:
            pid = int(self.places.lock.read_text() or 0)
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid or None

    def start_worker(self) -> int:
        """A worker that listens and has its fleet; its pid."""
        subprocess.run(
            (*self.cockpit, "list", "--json"), env=self.environment, check=True, stdout=subprocess.DEVNULL
        )
        pid = self.worker_pid
        assert pid is not None
        return pid

    def stop_worker(self) -> None:
        """End the worker, if it lives, and wait until it is gone."""
        pid = self.worker_pid
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        for _ in range(200):
            if self.worker_pid is None or _is_zombie(pid):
                return
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)

    def __enter__(self) -> "World":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_worker()
        shutil.rmtree(self.root, ignore_errors=True)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
