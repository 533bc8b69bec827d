"""The console of a real guest of another host, both ways there: libvirt over ssh, and that host's worker."""

import time
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.cli.test_console import Seat
from tests.fixtures.sshd import Sshd
from tests.guests.fixtures import SYSTEM, MachineMaker
from tests.remote.test_libvirt import libvirt_uri, link, until

pytestmark = pytest.mark.qemu

_PATIENCE_SECONDS = 120


def test_one_types_there_and_leaves(
    micro_machines: MachineMaker, other: Sshd, person: Shell, checkout: Path
) -> None:
    name = micro_machines("micro.tick=600", wait=False).name
    uri = libvirt_uri(other, "/run/libvirt/libvirt-sock", checkout)
    person("connection", "trust", uri, "--fingerprint", other.fingerprint)
    assert person("connection", "add", uri).code == 0
    until(lambda: link(person, uri) == "up")
    _types(person, f"{uri}/{name}")
    # Of the same guest, as the other host's own worker knows it.
    person.before = ("--host", other.uri, "--connect", SYSTEM)
    _types(person, name)
    assert person("worker", "stop", "--force").code == 0


def _types(person: Shell, machine: str) -> None:
    with Seat(person, machine) as seat:
        seat.wait_for("ctrl", _PATIENCE_SECONDS)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not seat.text.rstrip().endswith("/ #"):  # It may still be booting, and hear nothing.
            assert time.monotonic() < deadline, seat.text
            seat.type("\r")
            seat.pump(1)
        seat.type("echo here-$((6*7))\r")
        seat.wait_for("^here-42$", _PATIENCE_SECONDS)
        seat.type("\x1d")
        seat.wait_for("Left the console", _PATIENCE_SECONDS)
        assert seat.ended() == 0
