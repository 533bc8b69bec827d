"""A person's whole session among hostile texts: what the cockpit writes to the terminal is its own alone."""

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.hostile_worker import TEXTS
from tests.resilience.cockpit import CHECKOUT, Watched, cockpit, worker_pid

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_MACHINES = len(TEXTS)
_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|[\]P^_X].*?(?:\x07|\x1b\\)|.)", re.DOTALL)
_DRAWING = re.compile(rb"\x1b\[[0-9;:]*m|\x1b\[\d+;\d+H|\x1b\[\d*[CDXGK]")
"""Colours and places."""


@pytest.fixture
def hostile(world: Path) -> Iterator[None]:
    """A worker whose machines are all hostile; cockpits find it."""
    command = [sys.executable, "-m", "tests.faults.hostile_worker", "--demo", "--machines", str(_MACHINES)]
    with subprocess.Popen(command, cwd=CHECKOUT) as process:
        deadline = time.monotonic() + 90
        while not worker_pid():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield
        process.kill()


def _walk(terminal: Watched) -> None:
    """Every machine, every pane and many a screen."""
    for _ in range(_MACHINES + 2):
        terminal.press("j")
    terminal.pump(0.6)
    for keys in (
        ("g", "enter", "esc"),  # details
        ("p", "j", "j", "G", "enter", "esc", "esc"),  # snapshots
        ("l", "g", "j", "G", "esc"),  # log
        ("1", "S", "n", "esc"),  # a plan
        ("1", "D", "esc", "esc"),  # a name to be typed
        ("1", "s"),  # a job
        ("J", "enter", "esc", "esc", "esc"),  # jobs
        ("?", "esc"),
        ("1", "space", "space", "space", "D", "esc", "esc"),  # several
    ):
        terminal.press(*keys)
        terminal.pump(0.5)
    _execute(terminal)
    for _ in range(4):
        terminal.press("pageup")
    terminal.press("esc")
    terminal.wait_for("Snapshots", 60)
    for columns, rows in ((80, 24), (120, 40)):
        terminal.resize(columns, rows)
        terminal.signal(signal.SIGWINCH)
        terminal.pump(1)


def _execute(terminal: Watched) -> None:
    """Run something on the first machine whose agent answers, and see all that it says."""
    terminal.press("1", "g")
    for _ in range(20):
        terminal.press("x")
        terminal.pump(0.5)
        if "a command for the guest" in terminal.text:
            terminal.type("cat it")
            terminal.press("enter")
            terminal.pump(2)
            if "exit 0" in terminal.text or "lines: one" in terminal.text or "C0 0x01" in terminal.text:
                return
            terminal.press("esc")
            terminal.pump(0.5)
            if "a command for the guest" in terminal.text:
                terminal.press("esc")
                terminal.pump(0.5)
        terminal.press("j")
    raise AssertionError(f"no agent answers\n{terminal.text}")


def _sequences(written: bytes) -> Counter[bytes]:
    """What a terminal obeys, but for colours and places."""
    found = Counter(_SEQUENCE.findall(written))
    return Counter({each: count for each, count in found.items() if not _DRAWING.fullmatch(each)})


def _texts(written: bytes) -> str:
    return _SEQUENCE.sub(b"", written).decode()  # not UTF-8: a failure


def _usual(world: Path) -> Counter[bytes]:
    """What a cockpit over harmless texts writes: the same walk."""
    with cockpit(world, "--demo", "--machines", "3") as terminal:
        terminal.wait_for("3 machines", 60)
        for keys in (("j", "j"), ("p", "esc"), ("l", "esc"), ("J", "esc"), ("?", "esc"), ("x", "esc")):
            terminal.press(*keys)
            terminal.pump(0.3)
        for columns, rows in ((80, 24), (120, 40)):
            terminal.resize(columns, rows)
            terminal.signal(signal.SIGWINCH)
            terminal.pump(1)
        terminal.press("q")
        terminal.ended()
        return _sequences(terminal.written)


def _assert_whole(terminal: Watched) -> None:
    """Every line of the frame ends where it should, once all of it is drawn."""
    deadline = time.monotonic() + 60
    while not {line[-1:] for line in terminal.text.splitlines()[1:-2] if line} <= set("╮│╯"):
        assert time.monotonic() < deadline, terminal.text
        terminal.pump(0.2)


def test_only_the_cockpit_speaks_to_the_terminal(world: Path, hostile: None) -> None:
    del hostile
    with cockpit(world) as terminal:
        terminal.wait_for(f"{_MACHINES} machines", 60)
        _walk(terminal)
        _assert_whole(terminal)
        terminal.press("q")
        assert terminal.ended() == 0
        terminal.assert_restored()
        written = terminal.written
    usual = _usual(world)
    assert set(_sequences(written)) - set(usual) == set()
    assert _sequences(written)[b"\x1b[?1049h"] == usual[b"\x1b[?1049h"]
    assert b"\x1b[31m" not in written
    assert (
        sorted({repr(each) for each in _texts(written) if not each.isprintable()} - {"'\\r'", "'\\n'"}) == []
    )
