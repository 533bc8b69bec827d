"""How many machines stand on the screen at once, with their whole names."""

import json
import subprocess
from collections.abc import Iterator

from tests.bench.figures import Figure
from tests.bench.terminal import Terminal
from tests.bench.world import FIRST_NAME, World

_LEAST = 30


def measure(_repetitions: int) -> Iterator[Figure]:
    """Of 100, on the first screen of the cockpit as it is."""
    with World(100) as world:
        world.start_worker()
        told = subprocess.run((*world.cockpit, "list", "--json"), env=world.environment, check=True,
                              capture_output=True).stdout  # fmt: skip
        names = {each["name"] for each in json.loads(told)["machines"]}
        with Terminal(world.cockpit, world.environment) as terminal:
            terminal.wait_for_word(FIRST_NAME)
            terminal.wait_quiet(1.5, 4)
            words = set(terminal.text.split())
            terminal.leave()
    yield Figure("machines visible at 120×40", "machines", len(names & words), budget=_LEAST, at_least=True)
