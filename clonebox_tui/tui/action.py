"""What an action of the cockpit is: its key, its words, what it does, and why it cannot be done now."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from clonebox_tui.model.plain import clean_text
from clonebox_tui.tui import reasons
from clonebox_tui.tui.session import Session

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit

Run = Callable[["Cockpit"], object]

_UNMAPPED = "unmapped-"

LAST = 99
"""Footer place of what is always shown."""


class Argument(msgspec.Struct, frozen=True):
    """What may follow the action's name on the command line.

    `words` are those that can be completed, `run` does the action with what was typed.
    """

    shown: str
    words: Callable[["Cockpit"], Sequence[str]]
    run: Callable[["Cockpit", "Action", list[str]], object]
    alone: bool = False
    """One word and no more."""


class Action(msgspec.Struct, frozen=True):
    """One thing a person can do. `pane` limits its keys to that pane; `footer` orders the hints (0: none).

    One without a key is done by its name on the command line, or gets a key in keys.toml.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    group: str
    run: Run
    why_not: reasons.WhyNot = reasons.possible
    pane: str = ""
    footer: int = 0
    hint: str = ""
    """Short title for the footer."""
    changes: bool = False
    """Refused with --readonly."""
    headless: str = ""
    """The command that does the same without a screen."""
    screen_only: str = ""
    """Why there is no such command."""
    argument: Argument | None = None

    @property
    def binding_keys(self) -> str:
        """Its keys as Textual takes them; a key nobody can type holds the place of one that may be mapped."""
        return ",".join(self.keys) or f"{_UNMAPPED}{self.id}"

    def reason(self, session: Session) -> str:
        """Why it cannot be done now; empty when it can."""
        if self.changes and session.readonly:
            return "Nothing is changed: started with --readonly."
        if self.changes and session.worker_lost_at is not None:
            return "The worker is away: nothing can be done until it is back."
        return clean_text(self.why_not(session))


_SHOWN = {
    "asterisk": "*",
    "slash": "/",
    "plus": "+",
    "colon": ":",
    "semicolon": ";",
    "question_mark": "?",
    "at": "@",
    "ampersand": "&",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "equals_sign": "=",
    "minus": "-",
    "escape": "esc",
}


def key_text(key: str) -> str:
    """A key as it stands in the footer and the help; empty when nobody can type it."""
    return "" if key.startswith(_UNMAPPED) else _SHOWN.get(key, key)
