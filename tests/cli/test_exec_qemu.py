"""`exec` against a real agent in a real guest: any bytes, any amount, and nothing left running."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests.cli.shell import LONGEST_SECONDS, Shell
from tests.guests.fixtures import SYSTEM, MachineMaker, MicroMachine

pytestmark = pytest.mark.qemu


@pytest.fixture
def system() -> Iterator[Shell]:
    """A shell whose every command goes to the system's libvirt."""
    shell = Shell("--connect", SYSTEM)
    yield shell
    shell.close()


def test_everything_passes_through_whole(micro_machine: MicroMachine, system: Shell) -> None:
    name = micro_machine.name
    said = system("exec", name, "--", "sh", "-c", "head -c 2000000 /dev/urandom | tee /tmp/data; exit 7")
    assert said.code == 7
    assert len(said.stdout) == 2_000_000
    assert system("exec", name, "--", "cat", "/tmp/data").stdout == said.stdout
    # Two megabytes of anything in, the same out.
    assert system("exec", name, "--", "cat", stdin=said.stdout).stdout == said.stdout
    said = system("exec", name, "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (said.code, said.text, said.errors) == (3, "out\n", "err\n")
    said = system("exec", name, "--", "printf", "%s|", "two  spaces", 'quo"te', "$HOME", "")
    assert said.text == 'two  spaces|quo"te|$HOME||'
    said = system("exec", "--json", name, "--", "printf", "\\377")
    assert said.records("results")[0]["guest_exit_code"] == 0


def test_nothing_is_left_running(micro_machine: MicroMachine, system: Shell) -> None:
    name = micro_machine.name

    def sleeps(seconds: str) -> bool:
        # [s]leep: not the line that looks for it
        return system("exec", name, "--", "sh", "-c", f"ps | grep -q '[s]leep {seconds}'").code == 0

    started = time.monotonic()
    said = system("exec", "--timeout", "2", name, "--", "sh", "-c", "sleep 6000; echo never")
    assert said.code == 124
    assert said.stdout == b""
    assert time.monotonic() - started < LONGEST_SECONDS
    _until(lambda: not sleeps("6000"))
    running = system.start("exec", name, "--", "sh", "-c", "sleep 7000; echo never")
    _until(lambda: sleeps("7000"))
    running.send_signal(signal.SIGINT)
    out, errors = running.communicate(timeout=LONGEST_SECONDS)
    assert (running.returncode, out) == (130, b"")
    assert b"Traceback" not in errors
    _until(lambda: not sleeps("7000"))


def test_what_is_put_into_the_background_goes_on(micro_machine: MicroMachine, system: Shell) -> None:
    def says(script: str) -> str:
        return system("exec", micro_machine.name, "--", "sh", "-c", script).text

    # A server started so, whether it says nothing or keeps the output open and says more later.
    quiet = "sleep 8000 >/dev/null 2>&1 </dev/null & echo begun"
    loud = "{ sleep 4; echo later; echo later >&2; echo said >/tmp/said; exec sleep 9000; } & echo begun"
    assert [says(quiet), says(loud)] == ["begun\n", "begun\n"]
    _until(lambda: says("cat /tmp/said 2>/dev/null") == "said\n")
    _until(lambda: says("ps | grep -c '[s]leep [89]000$'") == "2\n")
    # What carried its streams is told apart by the folder, and nothing of that is left.
    assert says("ls -d /run/clonebox-* | wc -l") == "1\n"


def test_pipe_nobody_closes_does_not_keep_a_command(micro_machine: MicroMachine, system: Shell) -> None:
    reading, writing = os.pipe()
    try:
        assert system("exec", micro_machine.name, "--", "echo", "done", stdin=reading).text == "done\n"
    finally:
        os.close(reading)
        os.close(writing)


def test_absent_agent_is_told_soon(micro_machines: MachineMaker, system: Shell) -> None:
    machine = micro_machines("micro.delay=600", wait=False)
    assert system("list").code == 0  # the worker is there
    started = time.monotonic()
    said = system("exec", machine.name, "--", "true")
    assert said.code == 125
    assert "(agent-unavailable)" in said.errors
    assert time.monotonic() - started < LONGEST_SECONDS


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not holds():
        assert time.monotonic() < deadline
