"""The driver that leaves at once still hears every key, half characters too, and comes back after a rest."""

import os
import sys

from tests.e2e.terminal import Terminal

_APP = """
from textual.app import ComposeResult
from textual.widgets import Input, Static
from clonebox_tui.tui.compositor import DifferenceApp

class Echo(DifferenceApp):
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
        assert terminal.process.wait(10) == 0
