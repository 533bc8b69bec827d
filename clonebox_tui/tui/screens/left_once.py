"""What every screen over the cockpit shares: it is left once, and takes nothing else along."""

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

Result = TypeVar("Result")


class LeftOnce(Screen[Result]):
    """Textual's `dismiss` closes whatever is on top, also where a second key came too late for this one.

    It stands last among a screen's bases: Textual takes styles from the first only.
    """

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with a result, once all of it is there; without effect where it is not on top (any more)."""
        if not self.is_mounted:
            # Taken away before, it would never be given the children that its own code looks for.
            self.call_later(self._dismissed_later, result)
        elif self.app.screen_stack[-1:] == [self]:  # none is left where the program ends
            # An answer that comes while it is taken apart finds only half of it.
            self.workers.cancel_node(self)
            return super().dismiss(result)
        return AwaitComplete()

    def _dismissed_later(self, result: Result | None) -> None:
        self.dismiss(result)  # not awaited, which a screen's own message must not do
