"""Keys that a slow line delivers in one piece, in a real pty: each goes to whom it was typed for."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.slow


@pytest.fixture
def terminal(world: Path) -> Iterator[Terminal]:
    """The demo's cockpit."""
    with Terminal([sys.executable, "-m", "clonebox_tui", "--demo"], os.environ, 80, 24, cwd=world) as opened:
        opened.wait_for("web-dev", 60)
        yield opened


def test_commands_names_and_answers_that_come_in_one_piece(terminal: Terminal) -> None:
    terminal.press(":jobs\r")
    terminal.wait_for("› jobs")
    terminal.press("\x1b")
    terminal.wait_for("Machines")
    terminal.press("/web-dev\r3tfresh one\r")
    terminal.wait_for("Take snapshot fresh one of web-dev")
    terminal.press("y")
    terminal.wait_for("● fresh one +memory")
    terminal.press("xuname -n\r")
    assert "web-dev" in terminal.wait_for("exit 0")
