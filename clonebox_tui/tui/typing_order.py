"""Serves keys one after the other, as they were typed: over a slow line several come in one piece.

Textual hands each key to what has the focus when the key comes, which may not have served the one before:
of `:jobs` in one piece only the colon would reach the command line, and `s` would be a command of its own.
"""

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import events
from textual.app import ScreenStackError

if TYPE_CHECKING:
    from textual.app import App
    from textual.dom import DOMNode

_LONGEST_SECONDS = 0.25
"""What takes longer to serve a key, or is gone, is not waited for."""


class TypingOrder:
    """`holds` says of each key (or pasted text) that comes in whether it has to wait; `passed` follows it."""

    def __init__(self, app: "App[None]") -> None:
        self._app = app
        self._waiting: deque[events.Event] = deque()
        self._due: events.Event | None = None
        self._following: asyncio.Task[None] | None = None
        self._busy = False
        self.typed_at = 0.0
        """When the key that is served was typed, however long it waited; as time.monotonic() counts."""

    def holds(self, event: events.Event) -> bool:
        """Whether an earlier key is still being served: then this one is posted again when its turn comes."""
        if event is self._due:
            self._due = None
        elif self._busy:
            self._waiting.append(event)
            return True
        self._busy = True
        self.typed_at = event.time
        return False

    def passed(self, served_by: "DOMNode") -> None:
        """A key went to `served_by`, and from there up to the app where nobody stops it."""
        self._following = asyncio.create_task(self._follow(served_by), name="typing order")

    async def _follow(self, served_by: "DOMNode") -> None:
        try:
            # What is posted after the key is served after it; by then the key has gone one up.
            for node in served_by.ancestors_with_self:
                await _reach(node)
            # The screen or the field that it opened has to be there before it can take the next one.
            await _reach(self._app.screen)
            if self._app.focused is not None:
                await _reach(self._app.focused)
        except ScreenStackError:
            pass  # The program ends.
        finally:
            self._hand_on()

    def _hand_on(self) -> None:
        if self._waiting:
            self._due = self._waiting.popleft()
            self._app.post_message(self._due)
        else:
            self._busy = False


async def _reach(node: "DOMNode") -> None:
    """Wait until all that was posted to it before is served."""
    reached = asyncio.Event()
    if node.call_later(reached.set):
        with suppress(TimeoutError):
            await asyncio.wait_for(reached.wait(), _LONGEST_SECONDS)
