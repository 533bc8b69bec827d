"""Whether an hour leaves anything behind in the cockpit: its memory once all rings are full, and later."""

import subprocess
import sys
from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.bench.world import World

_MOST_MIB = 1.0
"""What a thousand ticks of 100 machines may add: a leak of one small object each would be 10 MiB."""


def measure(_repetitions: int) -> Iterator[Figure]:
    """100 machines at 120×40; see `hour_app`."""
    with World() as world:
        argv = (sys.executable, "-m", "tests.bench.hour_app")
        told = subprocess.run(argv, env=world.environment, check=True, stdout=subprocess.PIPE).stdout
    settled, ended, pictures = map(int, told.split())
    what = "memory, 3600 ticks, 100 machines: growth of the last 1000"
    note = f"{settled / 2**20:.1f} MiB before, {pictures} pictures"
    yield Figure(what, "MiB", (ended - settled) / 2**20, budget=_MOST_MIB, note=note)
