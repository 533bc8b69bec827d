"""What all dialogs share: a box in the middle, esc to leave, their own part of the stylesheet."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from clonebox_tui.tui.screens.left_once import LeftOnce, Result
from clonebox_tui.tui.styles import stylesheet


class Dialog(ModalScreen[Result], LeftOnce[Result]):
    """A modal screen; esc dismisses it with None."""

    SCOPED_CSS = False
    CSS = stylesheet("screens/dialogs.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        # Before what is typed behind it: esc and enter must not say yes.
        Binding("escape", "leave", "back", show=False, priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def action_leave(self) -> None:
        """Away without a result."""
        self.dismiss(None)
