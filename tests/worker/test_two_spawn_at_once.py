"""Two front ends that come together, a hundred times over, at another moment of the start each time."""

import os
import random
import signal
import threading
import time

import psutil
import pytest

from clonebox_tui.client.spawn import Approach
from clonebox_tui.model.places import Places
from tests.worker.conftest import SIMULATED, worker_pid
from tests.worker.test_spawning import pid_at_the_other_end

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

_ROUNDS = 100
_START_SECONDS = 0.3
"""What a worker takes until it listens, about: the second front end comes somewhere within."""


def _workers() -> list[int]:
    """Workers that were started from here and live."""
    return [
        process.pid
        for process in psutil.Process().children()
        if process.status() != psutil.STATUS_ZOMBIE and "clonebox_tui.worker" in process.cmdline()
    ]


def _reached_by_two(where: Places, later_seconds: float) -> set[int]:
    """The workers that two front ends reach, the second so much later."""
    pids: set[int] = set()

    def come(after_seconds: float) -> None:
        time.sleep(after_seconds)
        pids.add(pid_at_the_other_end(Approach(where, ("--demo", "--connect", SIMULATED)).finish()))

    both = [threading.Thread(target=come, args=(seconds,)) for seconds in (0, later_seconds)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    return pids


def test_two_front_ends_at_once_start_one_worker_a_hundred_times(where: Places) -> None:
    chance = random.Random(1)
    for turn in range(_ROUNDS):
        later = chance.choice((0.0, chance.uniform(0, _START_SECONDS)))
        pids = _reached_by_two(where, later)
        assert pids == {worker_pid(where)}, (turn, later)
        (pid,) = pids
        assert _workers() == [pid], (turn, later)
        # Its socket stays behind in every other round.
        os.kill(pid, (signal.SIGKILL, signal.SIGTERM)[turn % 2])
        # To its last thread, which may still hold the socket open: we are its parent.
        os.waitpid(pid, 0)
