"""Terminals that know only ASCII, in a real pseudo-terminal: chosen by itself, on every screen, in line."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.slow

KINDS = {
    "no locale": {"LANG": "C", "TERM": "xterm-256color"},
    "linux console": {"LANG": "C.UTF-8", "TERM": "linux"},
    "stock drawing": {"LANG": "C", "TERM": "xterm-256color", "CLONEBOX_STOCK_COMPOSITOR": "1"},
    "no colour": {"LANG": "C", "TERM": "xterm-256color", "NO_COLOR": "1"},
}
SCREENS = {
    "?": "type to search",
    "T": "Labels of",
    ";": "digit of a pane",
    "J": "jobs",
    "ctrl+p": "Search for commands",
    ":": "completes",
    "l": "Log",
    "p": "Snapshots",
    "2": "vCPU",
    "n": "1 Where",
}
"""A key, and what stands on the screen that it opens."""


@pytest.fixture(params=KINDS)
def terminal(request: pytest.FixtureRequest, world: Path) -> Iterator[Terminal]:
    """The demo's cockpit in such a terminal."""
    del world
    command = [sys.executable, "-m", "clonebox_tui", "--demo"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "LC_"))}
    with Terminal(command, kept, 80, 24, kind=KINDS[request.param]) as opened:
        yield opened


def test_every_screen_is_ascii_and_in_line(terminal: Terminal) -> None:
    terminal.wait_for("legacy-php", 60)
    for key, words in SCREENS.items():
        terminal.press(key)
        text = terminal.wait_for(words)
        assert text.isascii(), (key, sorted({character for character in text if ord(character) > 127}))
        terminal.press("esc")
        terminal.wait_for("Machines")
    terminal.press("S")
    text = terminal.wait_for("Stop api")
    borders = [line for line in text.splitlines() if line.startswith(("|", "+"))]
    assert {len(line) for line in borders} == {80}


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_cannot_draw_is_told_and_offered_the_commands(world: Path, term: str) -> None:
    del world
    command = [sys.executable, "-m", "clonebox_tui", "--demo"]
    with Terminal(command, os.environ, 80, 24, kind={"LANG": "C.UTF-8", "TERM": term}) as terminal:
        terminal.wait_for("list --watch")
        terminal.wait_for(rf"TERM is {term}\.")
        assert terminal.ended() == 2
