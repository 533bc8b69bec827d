"""The cockpit of another host, in a real terminal: asks for its key, bears a dropped line."""

import re
import sys

import pytest

from tests.cli.shell import Shell
from tests.e2e.terminal import Terminal
from tests.fixtures.sshd import Sshd
from tests.remote.processes import no_ssh_process_stays

pytestmark = pytest.mark.slow

_PATIENCE_SECONDS = 60.0


def test_the_cockpit_of_another_host(other: Sshd, person: Shell) -> None:
    command = (sys.executable, "-m", "clonebox_tui", "--demo", "--machines", "12", "--host", other.uri)
    with Terminal(command, person.environment, 120, 40, cwd=person.root) as screen:
        screen.wait_for("Is this the right host", _PATIENCE_SECONDS)
        screen.wait_for(re.escape(other.fingerprint), _PATIENCE_SECONDS)
        screen.press("y", "enter")
        screen.wait_for("web-dev", _PATIENCE_SECONDS)
        screen.wait_for(f"CloneBox +{other.place}", _PATIENCE_SECONDS)
        other.stop()
        screen.wait_for(f"{other.place} lost", _PATIENCE_SECONDS)
        assert "web-dev" in screen.text
        other.start()
        screen.wait_for(f"{other.place} lost", _PATIENCE_SECONDS, absent=True)
        screen.press("q")
        assert screen.ended() == 0
    no_ssh_process_stays(other.port)
    # Its worker and jobs stay; here nothing was ever started.
    assert [*other.home.rglob("worker.lock")]
    assert not [*person.root.rglob("worker.lock")]


def test_a_wrong_host_is_said_in_the_shell(other: Sshd, person: Shell) -> None:
    command = (sys.executable, "-m", "clonebox_tui", "--demo", "--host", other.uri)
    with Terminal(command, person.environment, 120, 40, cwd=person.root) as screen:
        screen.wait_for("Is this the right host", _PATIENCE_SECONDS)
        screen.press("n", "enter")
        screen.wait_for("has not been accepted", _PATIENCE_SECONDS)
        assert screen.ended() == 4
