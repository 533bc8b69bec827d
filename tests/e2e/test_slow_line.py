"""The cockpit over a line of 9 600 bit/s, which it finds out by itself, and over better ones."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clonebox_tui.model.places import places
from tests.fixtures.throttled import ThrottledTerminal
from tests.worker.conftest import alive, ended, worker_pid

pytestmark = pytest.mark.slow

BYTES_9600, BYTES_64000 = 960.0, 8_000.0
"""Bytes a second of lines with so many bits a second, with start and stop bits and without."""

ECHO_SECONDS, FIRST_PAINT_SECONDS = 2.0, 10.0
"""What the line may take; the machine that runs the tests gets some more of it."""
_BUSY_MACHINE = 4
NOTHING = "\0"
GRAPH = "┤"
"""Stands at every axis of a graph, and nowhere else."""


@contextmanager
def cockpit(
    world: Path, rate: float, *words: str, rows: int = 24, columns: int = 80, stock: bool = False
) -> Iterator[ThrottledTerminal]:
    """A demo at the end of such a line; `stock`: drawn as Textual draws."""
    environment = {
        **os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8",
        "CLONEBOX_STOCK_COMPOSITOR": str(int(stock)),
    }  # fmt: skip
    command = (sys.executable, "-m", "clonebox_tui", "--demo", "--machines", "100", *words)
    try:
        with ThrottledTerminal(command, environment, rate, columns, rows) as terminal:
            yield terminal
    finally:
        pid = worker_pid(places(os.environ, os.getuid(), demo=True))
        if pid and alive(pid):
            os.kill(pid, 15)
            ended(pid)


def test_a_slow_line_is_found_out_said_and_spared_and_found_good_again(world: Path) -> None:
    with cockpit(world, BYTES_9600) as terminal:
        terminal.wait_for("api")
        # Bytes, since seconds are the machine's as well: what stands before the list on such a line.
        assert terminal.bytes_passed < FIRST_PAINT_SECONDS * BYTES_9600
        terminal.wait_for("slow line")
        for key, sign, gone in (
            (b" ", "1 marked", NOTHING),
            (b" ", "2 marked", NOTHING),
            (b"*", "98", "2 m"),
        ):
            before = terminal.bytes_passed
            terminal.type(key)
            assert terminal.wait_for(sign, without=gone) < ECHO_SECONDS * _BUSY_MACHINE
            assert terminal.bytes_passed - before < ECHO_SECONDS * BYTES_9600 * _BUSY_MACHINE
        terminal.type(b"2")
        terminal.wait_for("graphs are left out on a slow line")
        terminal.rate = 0
        terminal.type(b"1")
        terminal.wait_for("api", without="slow line")


def test_keys_that_come_in_a_heap_are_not_drawn_one_by_one(world: Path) -> None:
    with cockpit(world, BYTES_9600) as terminal:
        terminal.wait_for("api")
        terminal.wait_for("slow line")
        before = terminal.bytes_passed
        terminal.type(b"G" + b"gG" * 20)
        terminal.wait_for("machines", without=" api ")
        # One screen is about 2 KB; forty of them would be a minute and a half of this line.
        assert terminal.bytes_passed - before < 12_000


def test_a_line_of_64000_bits_has_its_graphs(world: Path) -> None:
    with cockpit(world, BYTES_64000, columns=120, rows=40) as terminal:
        terminal.wait_for("api", GRAPH)
        terminal.type(b"jjj")
        terminal.wait_for(GRAPH, without="slow line")


def test_what_is_said_about_the_line_is_believed(world: Path) -> None:
    with cockpit(world, 0, "--link", "slow") as terminal:
        terminal.wait_for("api", "slow line")
    with cockpit(world, BYTES_9600, "--link", "fast") as terminal:
        terminal.wait_for("api")
        terminal.type(b"2")
        terminal.wait_for(GRAPH, without="slow line")


def test_a_terminal_that_answers_no_question_is_drawn_on_all_the_same(world: Path) -> None:
    with cockpit(world, BYTES_64000) as terminal:
        terminal.answers = False
        terminal.wait_for("api")
        terminal.type(b"l")
        terminal.wait_for("log", without="slow line")


def test_stock_drawing_measures_nothing_and_believes_what_is_said(world: Path) -> None:
    with cockpit(world, BYTES_64000, stock=True) as terminal:
        terminal.wait_for("api")
        terminal.type(b"l")
        terminal.wait_for("Log", without="slow line")
    with cockpit(world, 0, "--link", "slow", stock=True) as terminal:
        terminal.wait_for("api", "slow line")
        terminal.type(b"2")
        terminal.wait_for("graphs are left out on a slow line")
        # Its answers to what Textual itself asks are no keys.
        terminal.type(b"1")
        terminal.wait_for("api")
