"""Hands in real guests from the cockpit in a real terminal: one command on many, an editor on the console."""

import re
import signal
import time

import pytest

from tests.cli.shell import Shell
from tests.e2e.terminal import Terminal
from tests.guests.domain import unique_name
from tests.guests.fixtures import SYSTEM, MachineMaker, MicroMachine

pytestmark = pytest.mark.qemu

_PATIENCE_SECONDS = 180
_PROMPT = "/ #$"


def test_marked_machines_and_a_console(micro_machines: MachineMaker) -> None:
    stem = unique_name("cbx")
    machines = [micro_machines("micro.tick=600", name=f"{stem}{end}") for end in "ab"]
    shell = Shell("--connect", SYSTEM)
    del shell.environment["COLUMNS"]
    try:
        with Terminal([*shell.program, *shell.before], shell.environment, 80, 24, cwd=shell.root) as cockpit:
            cockpit.wait_for("Machines", _PATIENCE_SECONDS)
            cockpit.press("/")
            cockpit.wait_for("inverse")
            cockpit.type(stem)
            cockpit.press("enter")
            for machine in machines:
                cockpit.wait_for(rf"{machine.name}", _PATIENCE_SECONDS)
            cockpit.press("g", "space", "j", "space")
            runs_on_both(cockpit, shell, machines)
            cockpit.press(":")
            cockpit.wait_for("tab completes")
            cockpit.type(f"console {machines[0].name}\r")
            edits_at_the_console(cockpit, shell, machines[0].name)
            cockpit.press("q")
    finally:
        shell.close()


def runs_on_both(cockpit: Terminal, shell: Shell, machines: list[MicroMachine]) -> None:
    """A command on marked machines: what was the same together, and a limit that kills in the guest."""
    first, second = (machine.name for machine in machines)
    assert shell("exec", first, "--", "touch", "/quick").code == 0
    cockpit.press("x")
    cockpit.wait_for("a command for the guest")
    cockpit.type("uname -s")
    cockpit.press("enter")
    cockpit.wait_for(rf"{first}, {second} \(2\) exit 0 .*\n.*Linux", _PATIENCE_SECONDS)
    cockpit.press("\x0f")
    cockpit.wait_for("limit 10 s")
    cockpit.type("sh -c 'test -e /quick || sleep 6000; echo over'")
    cockpit.press("enter")
    cockpit.wait_for(f"{first} +exit 0", _PATIENCE_SECONDS)
    cockpit.wait_for(f"{second} +timed out", _PATIENCE_SECONDS)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while shell("exec", second, "--", "sh", "-c", "ps | grep '[s]leep 6000'").code != 1:
        assert time.monotonic() < deadline, "it is not killed"
    cockpit.press("esc")
    cockpit.wait_for("Machines")


def edits_at_the_console(cockpit: Terminal, shell: Shell, name: str) -> None:
    """A file is written with vi; another size, the past, and keys that mean something elsewhere."""
    cockpit.wait_for("leave", _PATIENCE_SECONDS)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not re.search(_PROMPT, cockpit.text, re.MULTILINE):  # The line may not be open yet.
        assert time.monotonic() < deadline, cockpit.text
        cockpit.press("enter")
        cockpit.pump(1)
    cockpit.type("vi /tmp/written\r")
    cockpit.wait_for("^.?~$", _PATIENCE_SECONDS)
    # As fast as it can be typed: esc stays a key of its own for the guest.
    cockpit.type("iby hand\rsecond\x1b:wq\r")
    cockpit.wait_for(_PROMPT, _PATIENCE_SECONDS)
    assert shell("exec", name, "--", "cat", "/tmp/written").text == "by hand\nsecond\n"
    cockpit.resize(100, 30)
    cockpit.process.send_signal(signal.SIGWINCH)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while shell("exec", name, "--", "stty", "-F", "/dev/ttyS0", "size").text != "28 100\n":
        assert time.monotonic() < deadline
    cockpit.type("seq 300\r")
    cockpit.wait_for("^.?300", _PATIENCE_SECONDS)
    cockpit.press("\x1b[5;2~", "\x1b[5;2~")
    cockpit.wait_for("^.?300", absent=True)
    cockpit.press("\x1b[6;2~", "\x1b[6;2~")
    cockpit.wait_for("^.?300")
    # ctrl+q quits nothing here: it is the guest's.
    cockpit.press("\x11")
    cockpit.type("echo still-$((6*7))\r")
    cockpit.wait_for("still-42", _PATIENCE_SECONDS)
    cockpit.press("\x1d")
    cockpit.wait_for("Machines")
