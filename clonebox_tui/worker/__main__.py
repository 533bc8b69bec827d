"""The process that a front end starts: `python -m clonebox_tui.worker`."""

import sys

from clonebox_tui.worker.life import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
