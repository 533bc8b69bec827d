"""An app whose output goes through its real path into a terminal emulator instead of a terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pyte
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

Look = tuple[object, ...]


class EmulatedTerminal(HeadlessDriver):
    """Counts and draws what is written; `writes` is empty until something is."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        width, height = self._get_terminal_size()
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.Stream(self.screen)
        self.writes: list[str] = []

    @property
    def is_headless(self) -> bool:
        """It has a terminal."""
        return False

    def write(self, data: str) -> None:
        """Draw."""
        self.writes.append(data)
        self._stream.feed(data)

    def spoil(self, width: int = 0, height: int = 0) -> None:
        """Something else drew on the terminal, or it was resized and wrapped what it showed."""
        self.screen.resize(height or None, width or None)
        for y in range(self.screen.lines):
            self._stream.feed(f"\x1b[{y + 1};1H\x1b[31;44m{'#' * self.screen.columns}\x1b[0m")


@asynccontextmanager
async def emulated(
    app: App[Any], size: tuple[int, int], terminal: type[EmulatedTerminal] = EmulatedTerminal
) -> AsyncIterator[tuple[Pilot[Any], EmulatedTerminal]]:
    """Run the app on such a terminal."""
    app.driver_class = terminal
    app.animation_level = "none"
    async with app.run_test(headless=False, size=size) as pilot:
        driver = app._driver
        assert isinstance(driver, EmulatedTerminal)
        yield pilot, driver


def looks(screen: pyte.Screen) -> list[list[Look]]:
    """Every cell as it is seen: the colour and weight of a space are not."""
    return [[_look(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


def _look(cell: pyte.screens.Char) -> Look:
    shown = (cell.data, cell.bg, cell.underscore, cell.strikethrough, cell.reverse)
    return shown if cell.data == " " and not any(shown[2:]) else (*shown, cell.fg, cell.bold, cell.italics)


def stock_looks(app: App[Any]) -> list[list[Look]]:
    """The same screen as Textual alone draws it, in full, on a fresh terminal."""
    width, height = app.size
    fresh = pyte.Screen(width, height)
    stream = pyte.Stream(fresh)
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    for y, strips in enumerate(update.strips):  # type: ignore[union-attr]
        stream.feed(f"\x1b[{y + 1};1H" + "".join(strip.render(app.console) for strip in strips))
    return looks(fresh)


def differences(app: App[Any], terminal: EmulatedTerminal) -> list[str]:
    """Where the terminal shows something else than Textual would draw."""
    shown, wanted = looks(terminal.screen), stock_looks(app)
    return [
        f"({x}, {y}) shows {shown[y][x]}, should be {wanted[y][x]}"
        for y in range(len(wanted))
        for x in range(len(wanted[y]))
        if shown[y][x] != wanted[y][x]
    ]


def settled_text(terminal: EmulatedTerminal) -> str:
    """The screen as text, for a failure's message."""
    return "\n".join(line.rstrip() for line in terminal.screen.display)
