"""The cockpit in a real terminal while things go wrong: it says so, and leaves the terminal whole."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clonebox_tui.model.places import places
from tests.resilience.cockpit import CHECKOUT, cockpit, process_state, worker_pid

pytestmark = pytest.mark.slow

BREAKING = (sys.executable, str(CHECKOUT / "tests/resilience/breaking_cockpit.py"), "--demo")


def test_a_killed_worker_is_said_with_its_age_and_comes_back_with_the_selection(world: Path) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("12 machines")
        terminal.press("j", "j")
        third = r"^│ \S \S.*\n│ \S \S.*\n│ \S (\S+) "
        terminal.wait_for(third)
        name = terminal.find(third)
        terminal.wait_for(rf"╮╭─ {name} ─")
        pid = worker_pid()
        with spawning_held_up():
            os.kill(pid, signal.SIGKILL)
            terminal.wait_for(r"worker lost ([2-9]|\d\d) s ago · looking for it", 60)
            terminal.wait_for("stale")
            terminal.wait_for(rf"╮╭─ {name} ─")
            terminal.press("k")  # one can look around meanwhile
            terminal.wait_for(rf"╮╭─ {name} ─", absent=True)
            terminal.press("j")
            terminal.wait_for(rf"╮╭─ {name} ─")
        terminal.wait_for("worker lost", absent=True)
        terminal.wait_for("stale", absent=True)
        terminal.wait_for(rf"╮╭─ {name} ─")
        terminal.wait_for("12 machines")
        assert worker_pid() not in (0, pid)


def test_a_stopped_worker_stays_away_until_it_is_wanted(world: Path) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("12 machines")
        stop = [sys.executable, "-m", "clonebox_tui", "--demo", "worker", "stop"]
        subprocess.run(stop, check=True, capture_output=True)
        terminal.wait_for("worker was stopped .* ctrl\\+r starts it", 60)
        terminal.wait_for(r"worker was stopped ([3-9]|\d\d) s ago", 60)
        assert not _alive(worker_pid())
        terminal.press("ctrl+r")
        terminal.wait_for("r starts it|worker (was stopped|lost)|stale", absent=True)
        terminal.wait_for("12 machines")
        assert _alive(worker_pid())


def _alive(pid: int) -> bool:
    """Whether there is such a process, and not only its entry for the one that has to bury it."""
    try:
        return pid != 0 and process_state(pid) not in "ZX"
    except OSError:
        return False


@contextlib.contextmanager
def spawning_held_up() -> Iterator[None]:
    """Nobody can start a worker meanwhile: the loss lasts long enough to be looked at."""
    lock = places(os.environ, os.getuid(), demo=True).state / "spawn.lock"
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("key", ["", "?"])
def test_any_size_is_drawn_while_samples_flow(world: Path, key: str) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("12 machines")
        if key:
            terminal.press(key)
        for columns, rows in ((80, 24), (60, 15), (40, 10), (30, 6), (40, 10), (120, 40)):
            terminal.resize(columns, rows)
            terminal.signal(signal.SIGWINCH)
            terminal.pump(0.6)
            assert terminal.process.poll() is None, terminal.text
            assert terminal.text.strip(), (columns, rows)
        if key:
            terminal.press("esc")
        terminal.wait_for("12 machines")
        terminal.wait_for("Snapshots")


def test_a_stopped_cockpit_gives_the_terminal_back_and_paints_anew(world: Path) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("12 machines")
        # It may still be busy with its first second: a busy host gets half a minute.
        terminal.pump(1)
        terminal.signal(signal.SIGTSTP)
        deadline = time.monotonic() + 30
        while not terminal.stopped:
            assert time.monotonic() < deadline
            terminal.pump(0.1)
        terminal.settle()
        terminal.assert_restored()
        terminal.screen.reset()
        terminal.signal(signal.SIGCONT)
        terminal.wait_for("12 machines", 60)
        terminal.wait_for("Snapshots", 60)
        terminal.press("j")
        terminal.press("q")
        assert terminal.ended() == 0
        terminal.assert_restored()


IN_A_SHELL = (
    sys.executable,
    "-c",
    "import os; os.execvp('setsid', ['setsid', '--ctty', '--wait', 'bash', '--norc', '-i'])",
)


@pytest.mark.parametrize("screen", ["", "J"])
def test_ctrl_z_gives_the_shell_back_and_fg_the_cockpit(world: Path, screen: str) -> None:
    with cockpit(world, *IN_A_SHELL) as terminal:
        # As make does, something waits for it in the same process group: the shell waits for both.
        terminal.type(f"sh -c '{sys.executable} -m clonebox_tui --demo; echo le''ft'")
        terminal.press("enter")
        terminal.wait_for("12 machines", 60)
        terminal.press(*screen)
        terminal.wait_for("CloneBox › jobs" if screen else "Snapshots")
        terminal.pump(1)
        terminal.press("ctrl+z")
        terminal.wait_for("Stopped")
        terminal.type("echo $((6 * 7)) fine")
        terminal.press("enter")
        terminal.wait_for("42 fine")
        terminal.type("fg")
        terminal.press("enter")
        terminal.wait_for("CloneBox › jobs" if screen else "12 machines", 60)
        terminal.press(*["esc"] * len(screen))
        terminal.wait_for("Snapshots", 60)
        terminal.press("q")
        terminal.wait_for("left")
        terminal.type("exit")
        terminal.press("enter")
        assert terminal.ended() == 0


def test_ctrl_z_without_a_shell_stops_nothing(world: Path) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("12 machines")
        terminal.pump(1)
        terminal.press("ctrl+z")
        terminal.wait_for("no shell behind")
        assert not terminal.stopped
        terminal.press("q")
        assert terminal.ended() == 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_a_signal_ends_it_in_order_and_the_worker_stays(world: Path, number: int, code: int) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("12 machines")
        pid = worker_pid()
        terminal.signal(number)
        assert terminal.ended() == code
        terminal.assert_restored()
        assert worker_pid() == pid
        assert _alive(pid)


def test_a_terminal_that_reads_nothing_more_holds_nobody_up(world: Path) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("12 machines")
        # Nobody reads while everything is drawn again and again, until the pty's buffer is full.
        for turn in range(60):
            terminal.resize(118 + turn % 3, 40)
            terminal.signal(signal.SIGWINCH)
            time.sleep(0.03)
        terminal.signal(signal.SIGTERM)
        deadline = time.monotonic() + 60
        while terminal.process.poll() is None:
            assert time.monotonic() < deadline, "the cockpit waits for a terminal that takes nothing"
            time.sleep(0.1)
        terminal.assert_echoes()


def test_a_closed_terminal_ends_it_and_the_worker_stays(world: Path) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("12 machines")
        pid = worker_pid()
        terminal.hang_up()
        assert terminal.ended() == 129
        assert worker_pid() == pid


def test_q_leaves_the_terminal_as_it_was(world: Path) -> None:
    with cockpit(world) as terminal:
        terminal.wait_for("12 machines")
        terminal.press("q")
        assert terminal.ended() == 0
        terminal.assert_restored()


@pytest.mark.parametrize("way", ["handler", "drawing", "task"])
def test_a_broken_widget_is_said_and_the_cockpit_opened_anew(
    world: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trigger = world / "trigger"
    monkeypatch.setenv("TEST_BREAK", f"{way}:{trigger}")
    with cockpit(world, *BREAKING) as terminal:
        terminal.wait_for("12 machines")
        terminal.press("j", "j")
        terminal.pump(0.5)
        trigger.touch()
        for words in ("opened anew", "broken on purpose", "internal"):
            screen = terminal.wait_for(words, 60)
        assert "Traceback" not in screen
        log = places(os.environ, os.getuid(), demo=True).cockpit_log
        assert "Traceback" in log.read_text()
        assert "broken on purpose" in log.read_text()
        assert log.stat().st_mode & 0o777 == 0o600
        terminal.press("y")
        terminal.wait_for("Copied")
        terminal.press("esc")
        terminal.wait_for("opened anew", absent=True)
        terminal.wait_for("12 machines")
        terminal.press("q")
        assert terminal.ended() == 0
        terminal.assert_restored()
        assert b"Traceback" not in terminal.written


def test_a_task_that_nobody_waits_for_is_said_and_the_rest_goes_on(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trigger = world / "trigger"
    monkeypatch.setenv("TEST_BREAK", f"stray:{trigger}")
    with cockpit(world, *BREAKING) as terminal:
        terminal.wait_for("12 machines")
        trigger.touch()
        terminal.wait_for("the rest goes on", 60)
        assert "broken on purpose" in places(os.environ, os.getuid(), demo=True).cockpit_log.read_text()
        terminal.press("j", "q")
        assert terminal.ended() == 0
        terminal.assert_restored()


def test_what_breaks_again_and_again_ends_with_words_and_no_traceback(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_BREAK", "always:-")
    with cockpit(world, *BREAKING) as terminal:
        assert terminal.ended() == 1
        terminal.assert_restored()
        assert "broken on purpose" in terminal.text
        assert b"Traceback" not in terminal.written
