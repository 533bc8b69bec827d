"""libvirt of another host beside one's own: one is lost without the other noticing, no file is touched."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.model.problem import Exit
from tests.cli.shell import Said, Shell
from tests.faults.second_libvirtd import SecondLibvirtd
from tests.fixtures.sshd import Sshd

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a second daemon"),
]

_LOCAL = "qemu:///system"
_DOMAIN = """<domain type='qemu'>
  <name>{name}</name><memory unit='MiB'>32</memory><os><type arch='x86_64'>hvm</type></os>
  <devices><disk type='file' device='disk'><driver name='qemu' type='raw'/>
    <source file='{disk}'/><target dev='vda' bus='virtio'/></disk></devices>
</domain>"""
_NETCAT = """#!/bin/sh
for last; do :; done
exec {python} -c 'import socket, sys
sys.path.insert(0, "{checkout}")
from clonebox_tui.client.bridge import carry
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); carry(s)' "$last"
"""
_LONGEST_SECONDS = 60.0


@pytest.fixture
def daemon() -> Iterator[SecondLibvirtd]:
    """The libvirtd of the other host."""
    made = SecondLibvirtd()
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A disk at a path that is there on both hosts, as it may be by chance."""
    made = tmp_path / "disk.img"
    made.write_bytes(b"precious")
    return made


@pytest.fixture
def twins(daemon: SecondLibvirtd, disk: Path) -> Iterator[str]:
    """A machine of one name on either host; its name."""
    name = f"cbx-test-twin-{os.getpid()}-{time.monotonic_ns() % 10**6}"
    connections = [libvirt.open(uri) for uri in (_LOCAL, daemon.uri)]
    for connection in connections:
        connection.defineXML(_DOMAIN.format(name=name, disk=disk))
    yield name
    for connection in connections:
        for domain in connection.listAllDomains():
            if domain.name() == name:
                domain.undefine()
        connection.close()


@pytest.fixture
def uri(other: Sshd, daemon: SecondLibvirtd, checkout: Path) -> str:
    """That libvirtd over ssh."""
    return libvirt_uri(other, f"{daemon.root}/sock/libvirt-sock", checkout)


def libvirt_uri(other: Sshd, socket: str, checkout: Path) -> str:
    """The libvirtd that listens at a socket of the other host; its netcat is a script of ours."""
    netcat = other.root / "nc"
    netcat.write_text(_NETCAT.format(python=sys.executable, checkout=checkout))
    netcat.chmod(0o755)
    return f"qemu+ssh://{other.place}/system?socket={socket}&netcat={netcat}&proxy=netcat"


@pytest.fixture
def both(person: Shell, uri: str, other: Sshd) -> Shell:
    """A shell with both connections, the other host believed."""
    person("connection", "add", uri)
    accepted = person("connection", "trust", uri, "--fingerprint", other.fingerprint)
    assert accepted.code == 0, accepted.errors
    until(lambda: link(person, uri) == "up")
    return person


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + _LONGEST_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def record(shell: Shell, uri: str) -> dict[str, object]:
    """How a connection is."""
    (found,) = [each for each in connections(shell("connection", "list", "--json")) if each["uri"] == uri]
    return found


def connections(said: Said) -> list[dict[str, object]]:
    """What stands under `connections`."""
    found = json.loads(said.stdout)["connections"]
    assert isinstance(found, list)
    return found


def hosts_of(shell: Shell, name: str) -> list[str]:
    """The connections that have a machine of this name."""
    return [
        str(each["connection"])
        for each in shell("list", "--json").records("machines")
        if each["name"] == name
    ]


def link(shell: Shell, uri: str) -> str:
    """`up`, `down` or `connecting`."""
    return str(record(shell, uri)["link"])


def test_twins_on_two_hosts_are_told_apart(twins: str, both: Shell, uri: str, disk: Path) -> None:
    found = hosts_of(both, twins)
    assert sorted(found) == sorted([_LOCAL, uri])
    unclear = both("show", twins, "--json")
    assert (unclear.code, unclear.problem()["code"]) == (Exit.USAGE, "ambiguous")
    assert {f"{_LOCAL}/{twins}", f"{uri}/{twins}"} == {
        str(each).split()[0]
        for each in unclear.problem()["details"]  # type: ignore[attr-defined]
    }
    assert both("show", f"{uri}/{twins}").code == 0
    # Deleting the other host's, with its disks even, touches no file of that path here.
    gone = both("delete", f"{uri}/{twins}", "--yes", "--purge", "--disks")
    assert gone.code == 0, gone.errors
    assert disk.read_bytes() == b"precious"
    left = hosts_of(both, twins)
    assert left == [_LOCAL]


def test_a_host_that_is_gone_disturbs_no_other(twins: str, both: Shell, uri: str, other: Sshd) -> None:
    other.stop()
    until(lambda: link(both, uri) == "down")
    said = both("list", "--json")
    assert said.code == 0
    assert sorted(hosts_of(both, twins)) == sorted([_LOCAL, uri])
    assert record(both, uri)["retry_at"]
    assert link(both, _LOCAL) == "up"
    other.start()
    until(lambda: link(both, uri) == "up")


def test_a_key_nobody_accepted_and_another_key_are_refused(person: Shell, uri: str, other: Sshd) -> None:
    added = person("connection", "add", uri, "--json")
    assert (added.code, added.problem()["code"]) == (Exit.REFUSED, "host-key-unknown")
    assert other.fingerprint in str(added.problem()["why"])
    assert person("connection", "trust", uri, "--yes").code == 0
    until(lambda: link(person, uri) == "up")
    other.stop()
    other.renew_host_key()
    other.start()
    until(lambda: link(person, uri) == "down")
    until(lambda: "HAS CHANGED" in str(record(person, uri)["problem"]))
    assert person("connection", "trust", uri, "--yes").code == Exit.REFUSED
    assert person("connection", "trust", uri, "--yes", "--replace").code == 0
    until(lambda: link(person, uri) == "up")


def test_who_has_no_agent_reads_what_to_do_and_gets_in_with_the_next_login(
    person: Shell, uri: str, other: Sshd
) -> None:
    agent = person.environment.pop("SSH_AUTH_SOCK")
    person("connection", "add", uri)
    person("connection", "trust", uri, "--yes")
    until(lambda: "ssh-add" in str(record(person, uri)["problem"]))
    person.environment["SSH_AUTH_SOCK"] = agent
    until(lambda: link(person, uri) == "up")


def test_what_needs_files_of_the_other_host_is_refused(
    twins: str, both: Shell, uri: str, folder: Path
) -> None:
    both.before = ("--connect", uri)
    cloned = both("clone", str(folder), "--yes", "--json")
    assert (cloned.code, cloned.problem()["code"]) == (Exit.UNAVAILABLE, "not-supported")
    assert "--host" in str(cloned.problem()["next"])
    assert both("ssh", twins).code == Exit.UNAVAILABLE
    assert both("image", "build").code == Exit.UNAVAILABLE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Something to clone."""
    (tmp_path / "requirements.txt").write_text("flask\n")
    return tmp_path


def test_a_connection_that_is_left_stays_away(twins: str, both: Shell, uri: str) -> None:
    assert both("connection", "remove", _LOCAL).code == 0
    both("worker", "restart")
    until(lambda: [each["uri"] for each in connections(both("connection", "list", "--json"))] == [uri])
    assert both("connection", "add", _LOCAL).code == 0
    assert twins in both("list").text
