"""`python -m tests.architecture.first_picture FILE ARGUMENTS…`: the cockpit; FILE gets what its list needed.

That is the names of all modules that were loaded when the machines had been drawn, one a line.
"""

import sys
from collections.abc import Awaitable
from pathlib import Path

from clonebox_tui.__main__ import main
from clonebox_tui.lean_asyncio import import_lean_asyncio

import_lean_asyncio()

from clonebox_tui.tui.pane_layout import PaneLayout  # noqa: E402 after asyncio, as in the program


def _noting(file: Path) -> None:
    furnish = PaneLayout.furnish

    def noted(self: PaneLayout) -> Awaitable[None]:
        """The first thing that is done once the list is on the terminal."""
        if not file.exists():
            file.write_text("".join(f"{name}\n" for name in sorted(sys.modules)))
        return furnish(self)

    PaneLayout.furnish = noted  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    _noting(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
