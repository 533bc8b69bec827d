"""A wire that answers what differs between two moments, for the screens of the time machine."""

from clonebox_tui.model.difference import Difference, DiffWanted, FactChange, FileChange, Kind
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.snapshot_policy import SnapshotPolicy
from tests.tui.fake_fleet import FLEET
from tests.tui.fake_wire import FakeWire

_NGINX = """--- a/etc/nginx/nginx.conf
+++ b/etc/nginx/nginx.conf
@@ -1,4 +1,5 @@
 user www-data;
-worker_processes auto;
+worker_processes 2;
+worker_rlimit_nofile 8192;
 pid /run/nginx.pid;
 events { worker_connections 768; }"""

FOUND = Difference(
    machine=FLEET[0].id,
    before="before-upgrade",
    after="",
    source="disks, read without booting; the present is a copy that QEMU made while the machine runs",
    paths=("/etc", "/home", "/root", "/opt", "/srv", "/usr/local"),
    packages=(
        FactChange("curl", Kind.CHANGED, "7.88.1-10+deb12u8", "7.88.1-10+deb12u12"),
        FactChange("jq", Kind.ADDED, "", "1.6-2.1"),
        FactChange("php8.1-cli", Kind.REMOVED, "8.1.2-1", ""),
    ),
    services=(FactChange("redis-server.service", Kind.ADDED, "", "enabled"),),
    users=(FactChange("deploy", Kind.ADDED, "", "uid 1001, gid 1001, /home/deploy, /bin/bash"),),
    files=(
        FileChange("/etc/nginx/nginx.conf", Kind.CHANGED, ("content",), 812, 839, _NGINX),
        FileChange("/etc/redis", Kind.ADDED, ("folder",)),
        FileChange(
            "/etc/redis/redis.conf", Kind.ADDED, ("file",), None, 93_849, note="only its first 400 lines"
        ),
        FileChange("/etc/ssl/private/key.pem", Kind.CHANGED, ("mode", "owner"), 1704, 1704),
        FileChange(
            "/home/dev/a very long name of a file that nobody wanted to read.txt", Kind.REMOVED, ("file",), 12
        ),
        FileChange("/srv/übergröße-测试", Kind.ADDED, ("link",)),
    ),
    used_before_bytes=1_181_116_006,
    used_after_bytes=1_303_375_872,
)


class MomentsWire(FakeWire):
    """Every comparison finds `found`; without it there is none."""

    def __init__(self, found: Difference | None = FOUND) -> None:
        super().__init__()
        self.found = found

    def _snapshot_diff(self, params: object) -> Difference:
        assert isinstance(params, DiffWanted)
        if self.found is None:
            raise problem(Code.NOT_SUPPORTED, "The disk cannot be looked into.", "It is another file system.")
        return self.found

    def _snapshot_policy(self, _params: object) -> SnapshotPolicy:
        return SnapshotPolicy()
