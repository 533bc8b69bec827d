"""A worker with a fault of ours in it: `python -m tests.resilience.breaking_worker ARGUMENTS`.

Asking for details breaks outside any job, and pausing breaks within one.
"""

import sys

from clonebox_tui.providers.simulated.provider import SimulatedProvider
from clonebox_tui.worker.life import main

PLANTED = "a fault planted by a test"


async def _break(*_arguments: object) -> None:
    raise RuntimeError(PLANTED)


if __name__ == "__main__":
    SimulatedProvider.details = _break  # type: ignore[assignment,method-assign]
    SimulatedProvider.pause = _break  # type: ignore[method-assign]
    sys.exit(main(sys.argv[1:]))
