"""What is written and spent while nobody presses anything: frozen, live, and by worker and front end."""

import os
import signal
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, median
from tests.bench.processes import cpu_seconds
from tests.bench.terminal import Terminal
from tests.bench.world import FIRST_NAME, World

_WINDOW_SECONDS = 15.0
_MOMENT_SECONDS = 2.0


def measure(repetitions: int) -> Iterator[Figure]:
    """Bytes a second: nothing changes, live, live over a slow line; CPU with 100 machines."""
    window = _WINDOW_SECONDS * max(1.0, repetitions / 5)
    yield Figure("idle, nothing changes, 120×40", "B/s", _still(repetitions), budget=0)
    live = _window((), window)
    yield Figure("idle, live, 100 machines, 120×40", "KB/s", live[0] / 1000, budget=5)
    yield Figure("idle CPU, front end and worker, 100 machines", "% of a core", live[1] * 100, budget=3,
                 note=f"worker alone {live[2] * 100:.2f} %")  # fmt: skip
    slow = _window(("--link", "slow"), window)
    yield Figure("idle, live, --link slow, 120×40", "KB/s", slow[0] / 1000, budget=1)


def _still(repetitions: int) -> float:
    """Bytes a second while the worker is stopped: a full screen about which nothing new is heard.

    A median of short moments: an age that is shown (up 3 h 12 min) may well grow in one of them.
    """
    with World(100) as world:
        worker = world.start_worker()
        with Terminal(world.cockpit, world.environment) as terminal:
            terminal.wait_for_word(FIRST_NAME)
            time.sleep(4)
            os.kill(worker, signal.SIGSTOP)
            try:
                time.sleep(2)
                found: list[float] = []
                for _ in range(repetitions):
                    before = terminal.bytes_written
                    time.sleep(_MOMENT_SECONDS)
                    found.append((terminal.bytes_written - before) / _MOMENT_SECONDS)
            finally:
                os.kill(worker, signal.SIGCONT)
            terminal.leave()
    return median(found)


def _window(words: tuple[str, ...], seconds: float) -> tuple[float, float, float]:
    """Bytes a second; cores used by both processes; cores used by the worker."""
    with World(100) as world:
        worker = world.start_worker()
        with Terminal((*world.cockpit, *words), world.environment) as terminal:
            terminal.wait_for_word(FIRST_NAME)
            time.sleep(4)
            at, written = time.perf_counter(), terminal.bytes_written
            spent, by_worker = cpu_seconds(terminal.pid), cpu_seconds(worker)
            time.sleep(seconds)
            passed = time.perf_counter() - at
            by_worker = cpu_seconds(worker) - by_worker
            spent = cpu_seconds(terminal.pid) - spent + by_worker
            written = terminal.bytes_written - written
            terminal.leave()
    return written / passed, spent / passed, by_worker / passed
