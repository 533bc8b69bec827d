"""A libvirtd of the test's own: in namespaces of its own, with its own sockets, settings and state.

It may be killed, stopped and started again; the shared one never notices.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

_START_SECONDS = 120.0
_FOLDERS = {
    "etc": "/etc/libvirt",
    "run": "/run/libvirt",
    "lib": "/var/lib/libvirt",
    "cache": "/var/cache/libvirt",
    "log": "/var/log/libvirt",
}
_DAEMON = """unix_sock_dir = "{root}/sock"
unix_sock_rw_perms = "0700"
auth_unix_rw = "none"
auth_unix_ro = "none"
host_uuid = "{uuid}"
log_outputs = "2:file:{root}/log/libvirtd.log"
"""
_QEMU = """stdio_handler = "file"
security_driver = "none"
user = "root"
group = "root"
remember_owner = 0
dynamic_ownership = 0
cgroup_controllers = [ ]
namespaces = [ ]
"""


class SecondLibvirtd:
    """Root only. `uri` is how to reach it."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="cbx-virt-", dir="/tmp"))
        self.root.chmod(0o755)
        for name in (*_FOLDERS, "sock"):
            (self.root / name).mkdir()
        self.uri = f"qemu+unix:///system?socket={self.root}/sock/libvirt-sock"
        (self.root / "etc/libvirtd.conf").write_text(_DAEMON.format(root=self.root, uuid=uuid.uuid4()))
        (self.root / "etc/qemu.conf").write_text(_QEMU)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        binds = [f"mount --bind {self.root}/{name} {place}" for name, place in _FOLDERS.items()]
        made = f"mkdir -p {' '.join(_FOLDERS.values())}"
        daemon = f"exec /usr/sbin/libvirtd -p {self.root}/libvirtd.pid -f {self.root}/etc/libvirtd.conf"
        script = " && ".join([made, *binds, daemon])
        with (self.root / "out").open("ab") as out:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--uts", "--propagation", "private", "sh", "-c", script],
                stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError((self.root / "out").read_text())
            time.sleep(0.05)

    def signal(self, number: int) -> None:
        """Send the daemon a signal (unshare and sh became it)."""
        assert self._process is not None
        if self._process.poll() is None:
            os.kill(self._process.pid, number)
        if number == signal.SIGKILL:
            self._process.wait()

    def close(self) -> None:
        """End the daemon, its machines and all its files."""
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGCONT)
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str(self.root).encode() in (folder / "cmdline").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)
        shutil.rmtree(self.root, ignore_errors=True)

    def _answers(self) -> bool:
        done = subprocess.run(["virsh", "-c", self.uri, "list"], capture_output=True, check=False)
        return done.returncode == 0
