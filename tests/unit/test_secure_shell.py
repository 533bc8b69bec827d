"""Accepted host keys are kept in a file of our own; what ssh says becomes a problem with a next step."""

import subprocess
from pathlib import Path

import pytest

from clonebox_tui.model.problem import Code
from clonebox_tui.model.remote import SshTarget
from clonebox_tui.secure_shell.agent import agent_link, keep_agent
from clonebox_tui.secure_shell.host_key import HostKey
from clonebox_tui.secure_shell.options import ssh_options
from clonebox_tui.secure_shell.pins import Pins
from clonebox_tui.secure_shell.reasons import ssh_problem

ONE = HostKey("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIMBF7uFiPkL89089YEX/OCvpbZ+OvbEWsALjIpg9h5O5")
OTHER = HostKey("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIIVkCj4Sz9RdNyNz6b6IqXtfx0nvhdqyGY4gHZxiZe9V")
HOST = SshTarget("web1", "me", 2222)


def test_a_key_is_pinned_for_one_host_and_replaced_there_alone(tmp_path: Path) -> None:
    pins = Pins(tmp_path / "new" / "known_hosts")
    assert pins.of(HOST) == ()
    pins.pin(HOST, [ONE])
    pins.pin(SshTarget("web1"), [OTHER])
    assert pins.of(HOST) == (ONE,)
    pins.pin(HOST, [OTHER])
    assert (pins.of(HOST), pins.of(SshTarget("web1"))) == ((OTHER,), (OTHER,))
    assert pins.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in pins.path.parent.iterdir()] == ["known_hosts"]


def test_a_fingerprint_is_that_of_ssh_keygen(tmp_path: Path) -> None:
    (tmp_path / "key.pub").write_text(f"{ONE.kind} {ONE.blob} comment\n")
    argv = ["ssh-keygen", "-l", "-f", str(tmp_path / "key.pub")]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert ONE.fingerprint == said.split()[1]


def test_ssh_reads_the_file_of_pins_whatever_its_name(tmp_path: Path) -> None:
    pins = Pins(tmp_path / "a b%d" / "known_hosts")
    pins.pin(HOST, [ONE])
    argv = ["ssh", "-G", *ssh_options(HOST, pins.path), *HOST.words]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    assert f"userknownhostsfile {pins.path}" in said
    assert "stricthostkeychecking true" in said
    assert "batchmode yes" in said
    assert "controlmaster false" in said


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("No ED25519 host key is known for web1 and you have requested strict checking.\n"
         "Host key verification failed.", Code.HOST_KEY_UNKNOWN),
        ("@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n@@@\nHost key verification failed.",
         Code.HOST_KEY_CHANGED),
        ("me@web1: Permission denied (publickey).", Code.PERMISSION_DENIED),
    ],
)  # fmt: skip
def test_what_ssh_says_has_a_next_step(said: str, code: Code) -> None:
    found = ssh_problem(said, HOST, "qemu+ssh://me@web1:2222/system?a=1&b=2")
    assert found is not None
    assert (found.code, bool(found.next)) == (code, True)


def test_what_a_host_says_cannot_command_the_terminal() -> None:
    found = ssh_problem("banner\x1b]0;evil\x07 Permission denied", HOST, "ssh://me@web1:2222")
    assert found is not None
    assert found.why.isprintable()


def test_the_agent_is_that_of_whoever_came_last(tmp_path: Path) -> None:
    import socket

    sockets = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    paths = [str(tmp_path / f"agent{number}") for number in range(2)]
    for made, path in zip(sockets, paths, strict=True):
        made.bind(path)
        keep_agent(tmp_path, path)
        assert agent_link(tmp_path).readlink() == Path(path)
    for nothing in ("", "/nowhere", str(tmp_path), "relative", "\0"):
        keep_agent(tmp_path, nothing)
    assert agent_link(tmp_path).readlink() == Path(paths[1])
    for made in sockets:
        made.close()
