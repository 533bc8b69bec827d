"""Inside a guest, in stories: its files, its console, its commands, and why it is not ready."""

from clonebox_tui.model.console_messages import GivenPassword
from clonebox_tui.model.diagnosis import Cause, Diagnosis, Evidence
from clonebox_tui.model.guest_files import GuestEntry, GuestFolder, GuestText
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Chunk
from tests.tui.fake_fleet import FLEET, NOW
from tests.tui.fake_wire import FakeChunks, FakeWire

_CONSOLE = (
    "Debian GNU/Linux 12 build ttyS0\r\n\r\nbuild login: root\r\n"
    "root@build:~# \x1b[0mls --color\r\n\x1b[1;34mbin\x1b[0m  \x1b[1;32mrun.sh\x1b[0m  "
    "notes.txt  \x1b[1;36mlink\x1b[0m\r\n"
    "root@build:~# systemctl is-active nginx\r\n\x1b[31minactive\x1b[0m\r\n"
    "root@build:~# \x1b[7m reversed \x1b[0m \x1b[4munderlined\x1b[0m 测试 "
).encode()

_PROCESSES = (
    Chunk(2, 1, stdout=b"PID USER  COMMAND\n  1 root  /sbin/init\n733 www   nginx: master process\n"),
    Chunk(2, 2, stderr=b"ps: warning: 2 threads vanished\n"),
    Chunk(2, 3, exit_code=0, end=True),
)

_NOT_FOUND = (Chunk(2, 1, stderr=b"ps: not found\n", exit_code=127, end=True),)

_NGINX = """\
user www-data;
worker_processes auto;
pid /run/nginx.pid;

events {
    worker_connections 768;
}

http {
    # A comment that is longer than the pane is wide, so that one sees what becomes of long lines in a file.
    sendfile on;
    include /etc/nginx/conf.d/*.conf;
}
"""

_ENTRIES = (
    GuestEntry("conf.d", "folder", 0o755, 4096, NOW - 86_400, "root"),
    GuestEntry("sites-available", "folder", 0o755, 4096, NOW - 86_400, "root"),
    GuestEntry("fastcgi.conf", "file", 0o644, 1125, NOW - 9e6, "root"),
    GuestEntry("mime.types", "file", 0o644, 5465, NOW - 9e6, "root"),
    GuestEntry("modules", "link", 0o777, 24, NOW - 9e6, "root"),
    GuestEntry("nginx.conf", "file", 0o644, 1447, NOW - 3600, "root"),
    GuestEntry("trace-of-all-requests-since-the-last-release.log", "file", 0o640, 3 << 30, NOW - 60, "www"),
    GuestEntry("übergröße-测试", "file", 0o600, 12, NOW - 60, "dev"),
)

_DIAGNOSIS = Diagnosis(
    FLEET[4].id, "scratch", "off", "It is off: its start was refused.",
    (
        Cause(
            "disk-missing", "A disk of the machine is gone.",
            "Put /home/dev/machines/scratch/disk.qcow2 back, or restore the machine from the trash.", 95,
            (
                Evidence("libvirt", "Cannot access storage file '/home/dev/machines/scratch/disk.qcow2'"),
                Evidence("disks", "the folder /home/dev/machines/scratch was changed 12 min ago"),
            ),
        ),
        Cause(
            "memory", "This host has little memory left.", "Stop a machine, or give this one less.", 40,
            (Evidence("host", "1.2 of 24 GiB are available; the machine wants 2"),),
        ),
    ),
    (Evidence("agent", "not asked: the machine is off"), Evidence("qemu", "no log of this start")),
)  # fmt: skip


class GuestWire(FakeWire):
    """The fixed fleet with guests that can be looked into."""

    def __init__(self) -> None:
        super().__init__()
        self.replies["console.open"] = (Chunk(1, 1, stdout=_CONSOLE),)

    async def open_stream(self, method: object, params: object) -> FakeChunks:
        """One machine has no agent, one says something else; the rest say and do the same."""
        if method.name != "exec.start":  # type: ignore[attr-defined]
            return await super().open_stream(method, params)
        name = self.machines[params.machine].name  # type: ignore[attr-defined]
        if name == "legacy-router":
            raise problem(
                Code.AGENT_UNAVAILABLE, f"{name} has no guest agent.", "none is connected",
                next="Install qemu-guest-agent in it.",
            )  # fmt: skip
        return FakeChunks(_NOT_FOUND if name == "db" else _PROCESSES)

    def _files_list(self, params: object) -> GuestFolder:
        del params
        return GuestFolder("/etc/nginx", _ENTRIES)

    def _files_read(self, params: object) -> GuestText:
        return GuestText(params.path, _NGINX.encode(), truncated=True)  # type: ignore[attr-defined]

    def _machine_why(self, params: object) -> Diagnosis:
        del params
        return _DIAGNOSIS

    def _console_password(self, params: object) -> GivenPassword:
        del params
        return GivenPassword("dev", "corn-amber-lyric-92", once=True)
