"""Builds a small host in a folder: real formats of dpkg, apt, proc and systemd, a desktop's usual traps."""

from pathlib import Path
from typing import NamedTuple


class FakePackage(NamedTuple):
    """What goes into dpkg's records; `files` are absolute paths."""

    name: str
    files: tuple[str, ...] = ()
    automatic: bool = False
    priority: str = "optional"
    section: str = "admin"
    depends: str = ""
    architecture: str = "amd64"


PACKAGES = (
    FakePackage("bash", ("/bin/bash",), priority="required", section="shells"),
    FakePackage("nginx", (), section="httpd", depends="nginx-common (= 1.22), libc6"),
    FakePackage("nginx-common", ("/lib/systemd/system/nginx.service",), automatic=True, architecture="all"),
    FakePackage("nginx-core", ("/usr/sbin/nginx",), automatic=True, depends="nginx-common (= 1.22)"),
    FakePackage("gnome-online-accounts", ("/usr/libexec/goa-daemon",), automatic=True, section="gnome"),
    FakePackage("gnome-settings-daemon", ("/usr/libexec/gsd-screensaver-proxy",), automatic=True),
    FakePackage("golang-go", ("/usr/bin/go",), section="golang"),
    FakePackage("screen", ("/usr/bin/screen",), section="misc"),
    FakePackage("openssh-client", ("/usr/bin/ssh",), priority="standard", section="net"),
    FakePackage("openssh-server", ("/usr/sbin/sshd", "/lib/systemd/system/ssh.service"), section="net"),
    FakePackage("libpq5", ("/usr/lib/x86_64-linux-gnu/libpq.so.5",), section="libs"),
    FakePackage("libpq-dev", (), section="libdevel"),
    FakePackage("bluez", ("/lib/systemd/system/bluetooth.service",)),
    FakePackage("exim4", ("/etc/init.d/exim4", "/usr/sbin/exim4")),
    FakePackage("dash", ("/bin/sh", "/bin/dash"), automatic=True, priority="required"),
    FakePackage("postgresql-common", ("/usr/bin/pg_config",), automatic=True),
    FakePackage("psql-tools", ("/usr/bin/pg_config",)),
)

PROCESSES = {
    # pid: (executable, command, cgroup)
    1: ("/usr/lib/systemd/systemd", "systemd", "/init.scope"),
    812: ("/usr/sbin/nginx", "nginx", "/system.slice/nginx.service"),
    813: ("/usr/sbin/nginx", "nginx", "/system.slice/nginx.service"),
    900: ("/usr/sbin/sshd (deleted)", "sshd", "/system.slice/ssh.service"),
    1500: (
        "/usr/libexec/goa-daemon",
        "goa-daemon",
        "/user.slice/user-1000.slice/user@1000.service/app.slice",
    ),
    1501: ("/usr/libexec/gsd-screensaver-proxy", "gsd-screensaver", "/user.slice/user-1000.slice"),
    1600: ("/usr/bin/bash", "bash", "/user.slice/user-1000.slice/session-2.scope"),
    1700: ("/home/mia/bin/own-tool", "own-tool", "/user.slice/user-1000.slice/session-2.scope"),
    1801: ("/usr/bin/pg_config", "pg_config", "/user.slice"),
    1800: ("/usr/bin/pg_config.libpq", "pg_config", "/user.slice"),
}
_TABLES = Path(__file__).parent.parent / "samples" / "proc"
TCP = (_TABLES / "tcp").read_text()
TCP6 = (_TABLES / "tcp6").read_text()
UDP = (_TABLES / "udp").read_text()


def write(path: Path, text: str) -> None:
    """A file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def link(path: Path, target: str) -> None:
    """A symbolic link with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def make_host(root: Path) -> Path:
    """The whole host; returns `root`."""
    make_dpkg(root)
    make_proc(root)
    make_systemd(root)
    return root


def make_dpkg(root: Path) -> None:
    """A merged /usr, one list for each package, one diversion, one package that was removed."""
    for name in ("bin", "sbin", "lib"):
        (root / "usr" / name).mkdir(parents=True)
        link(root / name, f"usr/{name}")
    status, states = [], []
    for package in PACKAGES:
        status.append(
            f"Package: {package.name}\nStatus: install ok installed\nPriority: {package.priority}\n"
            f"Section: {package.section}\nInstalled-Size: 100\nArchitecture: {package.architecture}\n"
            f"Version: 1.22-1\nDepends: {package.depends}\nDescription: a text\n with more: lines\n"
        )
        states.append(
            f"Package: {package.name}\nArchitecture: amd64\nAuto-Installed: {int(package.automatic)}\n"
        )
        suffix = ":amd64" if package.section == "libs" else ""
        write(root / f"var/lib/dpkg/info/{package.name}{suffix}.list", "\n".join(["/.", *package.files, ""]))
    status.append("Package: telnet\nStatus: deinstall ok config-files\nVersion: 1\n")
    write(root / "var/lib/dpkg/status", "\n".join(status))
    write(root / "var/lib/apt/extended_states", "\n".join(states))
    write(
        root / "var/lib/dpkg/diversions", "/usr/bin/pg_config\n/usr/bin/pg_config.libpq\npostgresql-common\n"
    )


def make_proc(root: Path) -> None:
    """Processes, one kernel thread, one in a container, the socket tables and who holds what."""
    link(root / "proc/self/ns/pid", "pid:[4026531836]")
    for pid, (executable, command, cgroup) in PROCESSES.items():
        make_process(root, pid, executable, command, cgroup)
    make_process(root, 3000, "/usr/bin/screen", "screen", "/docker/abc", namespace="pid:[4026539999]")
    write(root / "proc/2/comm", "kthreadd\n")
    for name, table in (("tcp", TCP), ("tcp6", TCP6), ("udp", UDP)):
        write(root / "proc/net" / name, table)
    link(root / "proc/812/fd/6", "socket:[5001]")
    link(root / "proc/813/fd/6", "socket:[5004]")
    link(root / "proc/1700/fd/3", "socket:[5002]")
    link(root / "proc/1700/fd/4", "/dev/null")


def make_process(
    root: Path, pid: int, executable: str, command: str, cgroup: str, namespace: str = "pid:[4026531836]"
) -> None:
    """One process of /proc."""
    folder = root / "proc" / str(pid)
    link(folder / "exe", executable)
    link(folder / "ns/pid", namespace)
    write(folder / "comm", f"{command}\n")
    write(folder / "cgroup", f"1:name=systemd:{cgroup}\n0::{cgroup}\n")


def make_systemd(root: Path) -> None:
    """Enabled units, a masked one, a template, a host-only one, a preset, an alias and a sysv script."""
    units = {
        "nginx.service": "[Service]\nExecStart=/usr/sbin/nginx -g 'daemon on;'\n",
        "ssh.service": "[Service]\nExecStart=/usr/sbin/sshd -D\n[Install]\nAlias=sshd.service\n",
        "bluetooth.service": "[Service]\nExecStart=/usr/libexec/bluetoothd\n",
        "getty@.service": "[Service]\nExecStart=-/sbin/agetty\n",
        "postgres@.service": "[Service]\nExecStart=/usr/bin/pg\n",
        "masked.service": "[Service]\n",
        "preset-only.service": "[Service]\n",
        "docker.socket": "[Socket]\nListenStream=/run/docker.sock\n",
        "nginx.socket": "[Socket]\nListenStream=80\n",
    }
    for name, text in units.items():
        write(root / "usr/lib/systemd/system" / name, text)
    write(root / "usr/lib/systemd/system-preset/90-systemd.preset", "enable preset-only.service\n")
    wants = root / "etc/systemd/system/multi-user.target.wants"
    for name in ("nginx.service", "ssh.service", "bluetooth.service", "masked.service", "gone.service"):
        link(wants / name, f"/lib/systemd/system/{name}")
    link(wants / "postgres@15-main.service", "/lib/systemd/system/postgres@.service")
    link(wants / "own.service", "/etc/systemd/system/own.service")
    write(root / "etc/systemd/system/own.service", "[Service]\nExecStart=/home/mia/bin/own-tool\n")
    link(root / "etc/systemd/system/masked.service", "/dev/null")
    link(root / "etc/systemd/system/sshd.service", "/lib/systemd/system/ssh.service")
    getty = root / "etc/systemd/system/getty.target.wants"
    link(getty / "getty@tty1.service", "/lib/systemd/system/getty@.service")
    sockets = root / "etc/systemd/system/sockets.target.wants"
    for name in ("docker.socket", "nginx.socket"):
        link(sockets / name, f"/lib/systemd/system/{name}")
    for name in ("exim4", "nginx"):
        write(root / "etc/init.d" / name, "#!/bin/sh\n")
        link(root / f"etc/rc3.d/S01{name}", f"../init.d/{name}")
    link(root / "etc/rc3.d/K01screen", "../init.d/screen")
