"""`console` to a real guest's serial line: an editor works there, and the serial log goes on."""

import time
from collections.abc import Iterator

import pytest

from tests.cli.shell import Shell
from tests.cli.test_console import Seat
from tests.guests.fixtures import SYSTEM, MachineMaker

pytestmark = pytest.mark.qemu

PATIENCE_SECONDS = 120


@pytest.fixture
def system() -> Iterator[Shell]:
    """A shell whose every command goes to the system's libvirt."""
    shell = Shell("--connect", SYSTEM)
    yield shell
    shell.close()


def test_editor_writes_a_file(micro_machines: MachineMaker, system: Shell) -> None:
    machine = micro_machines("micro.tick=600")
    name = machine.name
    # What the guest itself still prints would stand in the middle of what is typed.
    deadline = time.monotonic() + 240
    while b"micro tick 1" not in machine.log.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with Seat(system, name) as seat:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not seat.text.rstrip().endswith("#"):  # What is typed before the line is open is lost.
            assert time.monotonic() < deadline, seat.text
            seat.type("\r")
            seat.pump(1)
        # The guest is told the terminal's size, by its agent and so a moment later.
        seat.type("until stty size | grep -q 24; do usleep 200000; done; clear; stty size; echo told\r")
        seat.wait_for(r"^24 80\n(.*\n)*told$", PATIENCE_SECONDS)
        with Seat(system, name) as other:
            other.wait_for("Somebody else has the console", PATIENCE_SECONDS)
            assert other.ended() == 4
        seat.type("vi /tmp/written\r")
        seat.wait_for("^~$", PATIENCE_SECONDS)
        seat.type("iby hand\rsecond\x1b")
        seat.wait_for("^second", PATIENCE_SECONDS)
        seat.type(":wq\r")
        seat.wait_for("#$", PATIENCE_SECONDS)
        assert system("exec", name, "--", "cat", "/tmp/written").text == "by hand\nsecond\n"
        seat.type("echo into-the-log\r")
        seat.wait_for("^into-the-log$", PATIENCE_SECONDS)
        # It is written by another daemon than the one that passes it on.
        deadline = time.monotonic() + 60
        while b"into-the-log" not in machine.log.read_bytes():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        seat.type("\x1d")
        seat.wait_for("Left the console", PATIENCE_SECONDS)
        assert seat.ended() == 0
    password_is_new_and_kept_nowhere(system, name)


def password_is_new_and_kept_nowhere(system: Shell, name: str) -> None:
    with Seat(system, name, "--new-password", "root") as seat:
        seat.wait_for("could not do guest-set-user-password", PATIENCE_SECONDS)
        assert seat.ended() == 1
    # busybox has no chpasswd, which the agent runs: this one keeps what it is told.
    script = "printf '#!/bin/sh\\ncat >/tmp/given\\n' >/bin/chpasswd; chmod +x /bin/chpasswd"
    assert system("exec", name, "--", "sh", "-c", script).code == 0
    with Seat(system, name, "--new-password", "root") as seat:
        said = seat.wait_for("^Password of root: [a-z0-9-]{23}", PATIENCE_SECONDS)
        seat.wait_for("^Console of ", PATIENCE_SECONDS)
        seat.type("\x1d")
        assert seat.ended() == 0
    password = said.partition("Password of root: ")[2][:23]
    assert system("exec", name, "--", "cat", "/tmp/given").text.strip() == f"root:{password}"
    files = [path for path in system.root.rglob("*") if path.is_file()]
    assert not [path for path in files if password.encode() in path.read_bytes()]
