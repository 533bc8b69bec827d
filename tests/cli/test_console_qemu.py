"""`console` to a real guest's serial line: an editor works there, and the serial log goes on."""

import time
from collections.abc import Iterator

import pytest

from tests.cli.shell import Shell
from tests.cli.test_console import Seat
from tests.guests.fixtures import SYSTEM, MachineMaker

pytestmark = pytest.mark.qemu


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
    deadline = time.monotonic() + 60
    while b"micro tick 1" not in machine.log.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with Seat(system, name) as seat:
        seat.type("\r")
        seat.wait_for("#$", 60)
        # The guest was told the terminal's size.
        seat.type("stty size; echo told\r")
        seat.wait_for(r"^24 80\n(.*\n)*told$", 60)
        with Seat(system, name) as other:
            other.wait_for("Somebody else has the console", 60)
            assert other.ended() == 4
        seat.type("vi /tmp/written\r")
        seat.wait_for("^~$", 60)
        seat.type("iby hand\rsecond\x1b")
        seat.wait_for("^second", 60)
        seat.type(":wq\r")
        seat.wait_for("#$", 60)
        assert system("exec", name, "--", "cat", "/tmp/written").text == "by hand\nsecond\n"
        seat.type("echo into-the-log\r")
        seat.wait_for("^into-the-log$", 60)
        assert b"into-the-log" in machine.log.read_bytes()
        seat.type("\x1d")
        seat.wait_for("Left the console", 60)
        assert seat.ended() == 0
    password_is_new_and_kept_nowhere(system, name)


def password_is_new_and_kept_nowhere(system: Shell, name: str) -> None:
    with Seat(system, name, "--new-password", "root") as seat:
        seat.wait_for("could not do guest-set-user-password", 60)
        assert seat.ended() == 1
    # busybox has no chpasswd, which the agent runs: this one keeps what it is told.
    script = "printf '#!/bin/sh\\ncat >/tmp/given\\n' >/bin/chpasswd; chmod +x /bin/chpasswd"
    assert system("exec", name, "--", "sh", "-c", script).code == 0
    with Seat(system, name, "--new-password", "root") as seat:
        said = seat.wait_for("^Password of root: [a-z0-9-]{23}", 60)
        seat.wait_for("^Console of ", 60)
        seat.type("\x1d")
        assert seat.ended() == 0
    password = said.partition("Password of root: ")[2][:23]
    assert system("exec", name, "--", "cat", "/tmp/given").text.strip() == f"root:{password}"
    files = [path for path in system.root.rglob("*") if path.is_file()]
    assert not [path for path in files if password.encode() in path.read_bytes()]
