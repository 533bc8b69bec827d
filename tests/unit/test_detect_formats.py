"""The pure readers of detection, each on real lines of the format it reads."""

from pathlib import Path

import pytest

from clonebox_tui.engine.detect import read_host_limits
from clonebox_tui.engine.detect.archive import installable, parse_origins, parse_policy
from clonebox_tui.engine.detect.dpkg import parse_diversions, parse_extended_states, parse_status, read_owners
from clonebox_tui.engine.detect.processes import parse_executable, parse_unit
from clonebox_tui.engine.detect.sockets import Listener, parse_address, parse_listeners
from clonebox_tui.engine.detect.suggestion import belongs_to_host_only
from tests.unit.detect_host import TCP, TCP6, UDP, write

STATUS = """\
Package: adduser
Essential: yes
Status: install ok installed
Priority: important
Section: admin
Installed-Size: 686
Maintainer: Debian Adduser Developers <adduser@packages.debian.org>
Architecture: all
Multi-Arch: foreign
Version: 3.134
Depends: passwd (>= 1:4.13), debconf (>= 0.5) | debconf-2.0
Conffiles:
 /etc/deluser.conf 773fb95e98a27947de4a95abb3d3f2a2
Description: add and remove users
 Package: not-a-field
 .
 More text.

Package: libc6
Status: hold ok installed
Architecture: i386
Version: 2.36-9

Package: half
Status: install ok half-configured
Version: 1
"""
POLICY = """\
google-cloud-cli:
  Installed: 528.0.0-0
  Candidate: 528.0.0-0
  Version table:
 *** 528.0.0-0 100
        100 /var/lib/dpkg/status
git:
  Installed: 1:2.39.5-0+deb12u3
  Candidate: 1:2.39.5-0+deb12u3
  Version table:
 *** 1:2.39.5-0+deb12u3 500
        500 http://deb.debian.org/debian bookworm/main amd64 Packages
        100 /var/lib/dpkg/status
     1:2.39.5-0+deb12u2 500
        500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
docker-ce:
  Installed: 5:24
  Candidate: 5:24
  Version table:
 *** 5:24 500
        500 https://download.docker.com/linux/debian bookworm/stable amd64 Packages
        100 /var/lib/dpkg/status
"""
ORIGINS = """\
Package files:
 100 /var/lib/dpkg/status
     release a=now
 500 http://deb.debian.org/debian bookworm/main amd64 Packages
     release v=12.15,o=Debian,a=oldstable,n=bookworm,l=Debian,c=main,b=amd64
     origin deb.debian.org
 500 https://download.docker.com/linux/debian bookworm/stable amd64 Packages
     release o=Docker,a=bookworm,l=Docker CE,c=stable,b=amd64
     origin download.docker.com
Pinned packages:
"""


def test_dpkg_status() -> None:
    packages = parse_status(STATUS, frozenset({("libc6", "i386")}))
    assert set(packages) == {"adduser", "libc6"}
    adduser = packages["adduser"]
    assert (adduser.version, adduser.essential, adduser.installed_bytes) == ("3.134", True, 686 * 1024)
    assert adduser.depends == {"passwd", "debconf", "debconf-2.0"}
    assert (adduser.automatic, packages["libc6"].automatic) == (False, True)


def test_apt_files_packages_for_all_architectures_under_the_native_one() -> None:
    marked = parse_extended_states(
        "Package: adduser\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: x\nAuto-Installed: 0\n"
    )
    assert parse_status(STATUS, marked)["adduser"].automatic
    assert ("x", "all") not in marked


def test_diversions_even_cut_short() -> None:
    text = "/bin/sh\n/bin/sh.distrib\ndash\n/usr/bin/x\n/usr/bin/x.local\n:\n/cut"
    assert [(d.path, d.moved_to, d.by) for d in parse_diversions(text)] == [
        ("/bin/sh", "/bin/sh.distrib", "dash"),
        ("/usr/bin/x", "/usr/bin/x.local", ""),
    ]


def test_an_unmerged_usr_is_not_confused(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    write(tmp_path / "var/lib/dpkg/info/one.list", "/.\n/bin/tool\n")
    write(tmp_path / "var/lib/dpkg/info/two:amd64.list", "/.\n/usr/bin/tool\n/usr/bin/tool-more\n")
    owners = read_owners(["/bin/tool", "/usr/bin/tool", "/usr/bin/to"], tmp_path)
    assert owners == {"/bin/tool": "one", "/usr/bin/tool": "two"}


@pytest.mark.parametrize(
    ("cgroup", "unit"),
    [
        ("0::/system.slice/nginx.service\n", "nginx.service"),
        (
            "12:pids:/system.slice/ssh.service\n1:name=systemd:/system.slice/ssh.service\n0::/\n",
            "ssh.service",
        ),
        (
            "0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n",
            "postgresql@15-main.service",
        ),
        ("0::/system.slice/containerd.service/task-1\n", "containerd.service"),
        ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.scope\n", ""),
        ("0::/\n", ""),
        ("", ""),
    ],
)
def test_units_by_cgroup(cgroup: str, unit: str) -> None:
    assert parse_unit(cgroup) == unit


def test_executables() -> None:
    assert parse_executable("/usr/bin/x (deleted)") == ("/usr/bin/x", True)
    assert parse_executable("/opt/a b/x") == ("/opt/a b/x", False)


def test_socket_tables() -> None:
    assert parse_listeners(TCP, "tcp") == (
        Listener("tcp", "0.0.0.0", 80, 5001),  # noqa: S104
        Listener("tcp", "127.0.0.1", 5432, 5002),
    )
    assert [(one.address, one.port, one.loopback) for one in parse_listeners(TCP6, "tcp")] == [
        ("::", 80, False),
        ("::1", 631, True),
    ]
    assert [one.port for one in parse_listeners(UDP, "udp")] == [5353]


@pytest.mark.parametrize("line", ["", "junk", "0: ZZ:50 0:0 0A 0 0 0 0 0 1", "0: 00:0050 0:0 0A 0 0 0 0 0 1"])
def test_odd_socket_lines_are_left_out(line: str) -> None:
    assert parse_listeners(f"header\n{line}\n", "tcp") == ()


def test_mapped_loopback_is_loopback() -> None:
    assert parse_address("0000000000000000FFFF00000100007F") == "::ffff:127.0.0.1"
    assert Listener("tcp", "::ffff:127.0.0.1", 1, 1).loopback


def test_what_a_fresh_guest_can_install() -> None:
    policy, origins = parse_policy(POLICY), parse_origins(ORIGINS)
    assert set(policy) == {"google-cloud-cli", "git", "docker-ce"}
    asked = ["git", "docker-ce", "google-cloud-cli", "unknown"]
    assert installable(asked, policy, origins, "debian") == {"git"}
    assert installable(asked, policy, origins, "mint") == {"git", "docker-ce"}


@pytest.mark.parametrize(
    ("stem", "bound"),
    [("bluetooth", True), ("getty@tty1", True), ("systemd-timesyncd", True), ("nginx", False), ("ssh", False),
     ("postgresql@15-main", False), ("docker", False), ("snap.cups.cupsd", True)],
)  # fmt: skip
def test_units_of_this_machine_alone(stem: str, bound: bool) -> None:
    assert belongs_to_host_only(stem) is bound


def test_host_limits_respect_a_containers_own(tmp_path: Path) -> None:
    write(tmp_path / "proc/meminfo", "MemTotal:       16000 kB\nMemFree: 1 kB\nMemAvailable:   8000 kB\n")
    free = read_host_limits(tmp_path / "not/yet/there", root=tmp_path)
    assert (free.memory_bytes, free.memory_available_bytes) == (16000 * 1024, 8000 * 1024)
    assert free.cpus >= 1
    assert free.disk_free_bytes > 0
    write(tmp_path / "sys/fs/cgroup/memory.max", f"{4000 * 1024}\n")
    write(tmp_path / "sys/fs/cgroup/memory.current", f"{1000 * 1024}\n")
    assert read_host_limits(tmp_path, root=tmp_path).memory_available_bytes == 3000 * 1024
    write(tmp_path / "sys/fs/cgroup/memory.max", "max\n")
    assert read_host_limits(tmp_path, root=tmp_path).memory_available_bytes == 8000 * 1024
