"""A program: the cockpit, with one widget that breaks when a file appears (or always).

`TEST_BREAK` is HOW:FILE; HOW is `handler`, `drawing`, `task` or `stray` (once each, the file is
removed), or `always`.
"""

import asyncio
import os
import sys
from pathlib import Path

from textual.strip import Strip

from clonebox_tui.tui.app import main
from clonebox_tui.tui.screens.cockpit import Cockpit
from clonebox_tui.tui.widgets.bars import HeaderBar

HOW, _, NAME = os.environ["TEST_BREAK"].partition(":")
_second = Cockpit._second
_update_lines, _render_line = HeaderBar.update_lines, HeaderBar.render_line


def _due() -> bool:
    if Path(NAME).exists():
        Path(NAME).unlink()
        return True
    return False


def _break() -> None:
    raise RuntimeError("broken on purpose")


async def _breaking() -> None:
    await asyncio.sleep(0)
    _break()


def update_lines(self: HeaderBar) -> None:
    """Breaks at once, or in a task of the widget's own, or in one that nobody keeps."""
    if HOW == "always":
        _break()
    if HOW == "task" and _due():
        self.run_worker(_breaking())
    if HOW == "stray" and _due():
        asyncio.create_task(_breaking())  # noqa: RUF006 nobody keeps it: that is the point
    _update_lines(self)
    if HOW == "drawing":
        self.refresh()


def second(self: Cockpit) -> None:
    """Breaks in a handler."""
    if HOW == "handler" and _due():
        _break()
    _second(self)


def render_line(self: HeaderBar, y: int) -> Strip:
    """Breaks while it is drawn."""
    if HOW == "drawing" and _due():
        _break()
    return _render_line(self, y)


Cockpit._second = second  # type: ignore[method-assign]
HeaderBar.update_lines = update_lines  # type: ignore[method-assign,assignment]
HeaderBar.render_line = render_line  # type: ignore[method-assign,assignment]
sys.exit(main(sys.argv[1:]))
