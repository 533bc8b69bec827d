"""`console` in a real terminal: keys both ways, one holder at a time, and the terminal given back."""

import os
import signal
import termios

import pytest

from tests.cli.shell import Shell
from tests.e2e.terminal import Terminal


class Seat(Terminal):
    """A person at a terminal with a console open."""

    def __init__(self, shell: Shell, *words: str) -> None:
        super().__init__([*shell.program, *shell.before, "console", *words], shell.environment, 80, 24)

    def ended(self, seconds: float = 60.0) -> int:
        """The exit code; the terminal must be as it was."""
        code = super().ended(seconds)
        assert termios.tcgetattr(self._master) == self.modes_before
        return code


def test_one_types_looks_and_leaves(demo: Shell) -> None:
    assert demo("list").code == 0  # The worker is there.
    with Seat(demo, "web-dev") as seat:
        assert "ctrl+]" in seat.wait_for("web-dev login:$")
        seat.type("root\recho fr\x7from-$USER-here\r")
        seat.wait_for("^from-root-here$")
        # ctrl+c is the guest's.
        seat.type("nonsense\x03hostname\r")
        seat.wait_for(r"\^C\n.*hostname\nweb-dev$")
        assert seat.process.poll() is None
        with Seat(demo, "web-dev") as other:
            other.wait_for("Somebody else has the console")
            assert other.ended() == 4
        with Seat(demo, "web-dev", "--take-over") as other:
            other.wait_for("web-dev login:$")
            assert "stty" not in other.text
            seat.wait_for("The console of web-dev ended.")
            assert seat.ended() == 0
            other.type("\x1d")
            other.wait_for("Left the console of web-dev")
            assert other.ended() == 0


def test_terminal_is_given_back_when_the_end_comes_from_outside(demo: Shell) -> None:
    with Seat(demo, "api") as seat:
        seat.wait_for("login:$")
        os.kill(seat.process.pid, signal.SIGTERM)
        assert seat.ended() == 130
    with Seat(demo, "api") as seat:
        seat.wait_for("login:$")
        assert demo("kill", "api", "--yes").code == 0
        seat.wait_for("The console of api ended.")
        assert seat.ended() == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [(("console", "web-dev"), 2, "needs a terminal"), (("--readonly", "console", "web-dev"), 2, "terminal")],
)
def test_without_a_terminal_it_says_what_to_do(
    words: tuple[str, ...], code: int, said: str, demo: Shell
) -> None:
    answer = demo(*words)
    assert answer.code == code
    assert said in answer.errors
    assert "exec" in answer.errors


def test_machine_that_is_off_has_none(demo: Shell) -> None:
    with Seat(demo, "scratch") as seat:
        seat.wait_for("scratch is off")
        assert seat.ended() == 4
