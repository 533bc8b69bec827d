"""The process that a front end starts: `python -m clonebox_tui.worker`."""

import sys

from clonebox_tui.lean_asyncio import import_lean_asyncio

import_lean_asyncio()

from clonebox_tui.worker.life import main  # noqa: E402 asyncio has to come first

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
