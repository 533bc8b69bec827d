"""The script that makes a fork somebody else, on a folder that looks like a guest's root."""

import subprocess
from pathlib import Path

from clonebox_tui.engine.fork.drawing import drawn, fresh_machine_id
from clonebox_tui.engine.fork.identity import SCRIPT
from clonebox_tui.model.machine import Forward, Share
from clonebox_tui.model.places import places
from clonebox_tui.model.spec import MachineSpec

MACHINE_ID = "0123456789abcdef0123456789abcdef"
OLD_KEY, NEW_KEY, OTHER_KEY = (f"ssh-ed25519 {word} {word}@host" for word in ("OLD", "NEW", "OTHER"))


def _root(tmp_path: Path) -> Path:
    root = tmp_path / "a root"
    for folder in ("etc/ssh", "home/dev/.ssh", "var/lib/dbus", "var/lib/cloud/data"):
        (root / folder).mkdir(parents=True)
    texts = {
        "etc/hostname": "origin\n",
        "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 origin origin\n10.0.0.1 other\n",
        "etc/machine-id": "f" * 32 + "\n",
        "etc/passwd": "root:x:0:0::/root:/bin/sh\ndev:x:1000:1000::/home/dev:/bin/bash\n",
        "etc/ssh/ssh_host_ed25519_key": "the origin's",
        "etc/ssh/ssh_host_rsa_key": "the origin's",
        "var/lib/cloud/data/instance-id": "old\n",
        "home/dev/.ssh/authorized_keys": f"{OLD_KEY}\n{OTHER_KEY}\n",
    }
    for path, text in texts.items():
        (root / path).write_text(text)
    (root / "var/lib/dbus/machine-id").symlink_to("/etc/machine-id")
    return root


def _run(root: Path, user: str = "dev") -> subprocess.CompletedProcess[str]:
    words = [str(root), "a-fork", MACHINE_ID, "new-instance", user, NEW_KEY, OLD_KEY]
    argv = ["sh", "-c", SCRIPT, "identity", *words]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_nothing_of_the_origin_is_left(tmp_path: Path) -> None:
    root = _root(tmp_path)
    done = _run(root)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert (root / "etc/hostname").read_text() == "a-fork\n"
    assert (root / "etc/hosts").read_text() == "127.0.0.1 localhost\n127.0.1.1 a-fork\n10.0.0.1 other\n"
    assert (root / "etc/machine-id").read_text() == f"{MACHINE_ID}\n"
    assert (root / "var/lib/dbus/machine-id").is_symlink()
    assert (root / "var/lib/cloud/data/instance-id").read_text() == "new-instance\n"
    assert (root / "home/dev/.ssh/authorized_keys").read_text() == f"{OTHER_KEY}\n{NEW_KEY}\n"
    assert (root / "home/dev/.ssh/authorized_keys").stat().st_mode & 0o777 == 0o600
    keys = sorted(path.name for path in (root / "etc/ssh").iterdir())
    assert keys == ["ssh_host_ed25519_key", "ssh_host_ed25519_key.pub"]
    assert "the origin's" not in (root / "etc/ssh/ssh_host_ed25519_key").read_text()
    assert (root / "etc/ssh/ssh_host_ed25519_key").stat().st_mode & 0o777 == 0o600


def test_it_bears_to_run_twice_and_needs_no_more_than_there_is(tmp_path: Path) -> None:
    root = _root(tmp_path)
    for _ in range(2):
        assert _run(root).returncode == 0
    assert (root / "home/dev/.ssh/authorized_keys").read_text() == f"{OTHER_KEY}\n{NEW_KEY}\n"
    bare = tmp_path / "bare"
    (bare / "etc").mkdir(parents=True)
    assert _run(bare, user="nobody-here").returncode == 0
    assert [path.name for path in (bare / "etc").iterdir()] == ["hostname"]


def test_a_spec_keeps_the_hardware_and_nothing_of_the_identity() -> None:
    forwards = (Forward(2222, 22), Forward(8080, 80))
    shares = (Share("/h", "/g", "t", "virtiofs"),)
    origin = MachineSpec(
        "origin", "uuid", 2, 1 << 30, "kvm", "/d", "52:54:00:00:00:01", key_path="/k", host_key="a key",
        forwards=forwards, shares=shares, user="dev",
    )  # fmt: skip
    place = places({"HOME": "/home/dev"}, 1000)
    forks = drawn(origin, [f"fork-{number}" for number in range(20)], place, "qemu:///session")
    assert {each.vcpus for each in forks} == {2}
    assert {each.user for each in forks} == {"dev"}
    assert all(each.shares == () and each.host_key == "" and each.seed_path == "" for each in forks)
    for field in ("uuid", "mac", "disk_path", "key_path", "log_path", "name"):
        assert len({getattr(each, field) for each in (*forks, origin)}) == 21
    ports = [forward.host_port for each in (*forks, origin) for forward in each.forwards]
    assert len(set(ports)) == len(ports)
    assert [forward.guest_port for forward in forks[0].forwards] == [22, 80]
    assert len(fresh_machine_id()) == 32
