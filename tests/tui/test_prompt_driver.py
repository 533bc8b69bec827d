"""The driver that leaves at once still hears every key, half characters too, and comes back after a rest."""

import os
import sys

import pytest

from tests.e2e.terminal import Terminal

_APP = """
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, Static
from clonebox_tui.tui.compositor import DifferenceApp

class Echo(DifferenceApp):
    BINDINGS = [Binding("escape", "clear", priority=True)]
    def action_clear(self) -> None:
        self.query_one(Input).value = "cleared"
        self.query_one(Input).cursor_position = 7
    def compose(self) -> ComposeResult:
        yield Static("waiting", id="told")
        yield Input(id="field")
    def on_input_submitted(self) -> None:
        if self.query_one(Input).value == "rest":
            with self.suspend():
                print("resting")
            self.query_one("#told", Static).update("rested")
        elif self.query_one(Input).value == "leave":
            self.exit()
        else:
            self.query_one("#told", Static).update("got " + self.query_one(Input).value)
        self.query_one(Input).value = ""

app = Echo()
app.run()
print("driver", app.driver_class.__name__, "left")
"""


def _enter(terminal: Terminal, text: str) -> None:
    terminal.type(text)
    terminal.press("enter")


def test_keys_rest_and_leaving_in_a_real_terminal() -> None:
    with Terminal([sys.executable, "-c", _APP], dict(os.environ), 60, 12) as terminal:
        terminal.wait_for("waiting")
        for byte in "中é".encode():
            os.write(terminal._master, bytes([byte]))
            terminal.pump(0.03)
        _enter(terminal, "x")
        terminal.wait_for("got 中 ?éx")
        _enter(terminal, "rest")
        terminal.wait_for("rested")
        _enter(terminal, "again")
        terminal.wait_for("got again")
        _enter(terminal, "leave")
        terminal.wait_for("driver PromptDriver left")
        assert terminal.ended() == 0


@pytest.mark.parametrize("bursts", [(b"\x1bxyz\r",), (b"\x1b", b"xyz\r")])
def test_esc_with_a_key_close_behind_is_two_keys(bursts: tuple[bytes, ...]) -> None:
    with Terminal([sys.executable, "-c", _APP], dict(os.environ), 60, 12) as terminal:
        terminal.wait_for("waiting")
        terminal.type("abc")
        terminal.wait_for("abc")
        for burst in bursts:
            os.write(terminal._master, burst)
        terminal.wait_for("got clearedxyz")
        # Sequences begin with esc as well: two texts pasted, and left.
        os.write(terminal._master, b"\x1b[200~ab\x1b[201~\x1b[200~cd\x1b[201~\x1b[D")
        terminal.wait_for("abcd")
        os.write(terminal._master, b"-\r")
        terminal.wait_for("got abc-d")
