"""As root the set-up sees to libvirt's daemon, with systemd or without; an ordinary user's is left alone."""

import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A PATH whose libvirt answers as soon as something started it; what was started is in `started`."""
    for tool in ("sh", "cat", "sleep", "timeout"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    _program(tmp_path / "id", "echo ${USER_ID:-0}")
    _program(tmp_path / "pidof", "exit 1")
    _program(tmp_path / "virsh", f'[ -e {tmp_path}/up ] || {{ echo "cannot connect" >&2; exit 1; }}')
    _program(tmp_path / "virtlogd", f"echo virtlogd $* >>{tmp_path}/started")
    _program(tmp_path / "libvirtd", f"echo libvirtd $* >>{tmp_path}/started; : >{tmp_path}/up")
    _program(tmp_path / "systemctl", f"echo systemctl $* >>{tmp_path}/started; : >{tmp_path}/up")
    return tmp_path


def _program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def _up(host: Path, checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", checkout / "scripts/libvirt-up"],
        env={"PATH": str(host), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _started(host: Path) -> list[str]:
    file = host / "started"
    return file.read_text().splitlines() if file.exists() else []


def test_root_gets_the_daemon_started_once_and_is_told(host: Path, checkout: Path) -> None:
    first, second = _up(host, checkout), _up(host, checkout)
    with_systemd = Path("/run/systemd/system").is_dir()
    by_unit = ["systemctl start virtlogd.socket libvirtd.service"]
    assert _started(host) == (by_unit if with_systemd else ["virtlogd -d", "libvirtd -d"])
    assert first.stdout.startswith("==> starting libvirt")
    assert (first.returncode, second.returncode, second.stdout) == (0, 0, "")


def test_an_ordinary_user_starts_nothing(host: Path, checkout: Path) -> None:
    done = _up(host, checkout, USER_ID="1000")
    assert (done.returncode, done.stdout, _started(host)) == (0, "", [])


def test_a_host_without_libvirt_is_told_what_to_do(host: Path, checkout: Path) -> None:
    (host / "libvirtd").unlink()
    done = _up(host, checkout)
    assert done.returncode == 0
    assert "make install" in done.stderr
