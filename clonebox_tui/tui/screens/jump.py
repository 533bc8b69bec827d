"""Jump mode: every pane and every row in view gets letters; typing them goes there."""

from collections.abc import Sequence
from itertools import product
from typing import ClassVar

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widgets import Label

from clonebox_tui.tui.screens.left_once import LeftOnce
from clonebox_tui.tui.styles import stylesheet

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""The home row first: the fewer rows, the shorter the way."""


class Place(msgspec.Struct, frozen=True):
    """Somewhere to go: a pane, or a row of one. `at` is where its letters are drawn; None: out of view."""

    pane: str
    at: tuple[int, int] | None
    row: str = ""
    digit: str = ""
    """Panes are reached by the digits that they always have."""


def letters_for(count: int) -> list[str]:
    """So many different words of one length, as short as they can be."""
    if count <= len(LETTERS):
        return list(LETTERS[:count])
    return ["".join(pair) for pair, _ in zip(product(LETTERS, repeat=2), range(count), strict=False)]


class JumpScreen(ModalScreen[Place], LeftOnce[Place]):
    """The place that was chosen, or None: esc, or a letter that leads nowhere."""

    SCOPED_CSS = False
    CSS = stylesheet("screens/jump.tcss")
    AUTO_FOCUS: ClassVar[str | None] = None

    def __init__(self, places: Sequence[Place]) -> None:
        super().__init__()
        rows = [place for place in places if place.row]
        named = dict(zip(letters_for(len(rows)), rows, strict=False))
        self._places = {**{place.digit: place for place in places if place.digit}, **named}
        self._typed = ""
        self._left = False

    def compose(self) -> ComposeResult:
        """A small label over each place."""
        for letters, place in self._places.items():
            # A space over the sign of the row's state: it would read as one more letter.
            text = letters if place.digit else f"{letters} "
            label = Label(text, classes="jump", markup=False)
            label.styles.offset = Offset(*(place.at or (0, 0)))
            label.display = place.at is not None
            yield label
        hint = " type the letters of a row, or the digit of a pane · esc leaves"
        yield Label(hint, id="jump-hint", markup=False)

    def on_key(self, event: events.Key) -> None:
        """Letter by letter."""
        event.stop()
        event.prevent_default()
        if self._left:
            return
        self._typed += event.character or ""
        place = self._places.get(self._typed)
        begun = [letters for letters in self._places if letters.startswith(self._typed)]
        if event.key == "escape" or place is not None or not begun or not self._typed:
            self._leave(None if event.key == "escape" else place)
            return
        for label, (letters, there) in zip(self.query(".jump"), self._places.items(), strict=True):
            label.display = letters in begun and there.at is not None

    def on_click(self) -> None:
        """The mouse needs no letters."""
        self._leave(None)

    def _leave(self, place: Place | None) -> None:
        # Keys typed fast arrive while the screen goes.
        self._left = True
        self.dismiss(place)
