"""The line one types a filter, a search or a command into; enter keeps it, esc takes it back."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label

_HINTS = {
    "filter": "regex · ! inverse · ~ fuzzy · enter keeps · esc clears",
    "search": "regex · enter, then n N · esc clears",
    "command": "tab or → completes · enter runs · esc leaves",
}


class PromptLine(Horizontal):
    """Calls `typed` at every change; removes itself at the end and tells the screen how it ended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", show=False, priority=True),
        Binding("tab", "complete", "complete", show=False, priority=True),
        Binding("down,up", "ignore", show=False),
    ]

    class Ended(Message):
        """`text` is None when it was left by esc."""

        def __init__(self, kind: str, text: str | None) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    def __init__(
        self, kind: str, mark: str, text: str, words: tuple[str, ...], typed: Callable[[str], object] | None
    ) -> None:
        super().__init__(id="prompt")
        self._kind, self._mark, self._text, self._words = kind, mark, text, words
        self._typed = typed

    def compose(self) -> ComposeResult:
        """Mark, input, hint."""
        suggester = SuggestFromList(self._words) if self._words else None
        yield Label(self._mark, id="prompt-mark")
        yield Input(self._text, suggester=suggester, compact=True, id="prompt-input", select_on_focus=False)
        yield Label(_HINTS[self._kind], id="prompt-hint", markup=False)

    def on_mount(self) -> None:
        """One types at once."""
        self.query_one(Input).focus()

    def tell(self, fault: str) -> None:
        """Say what is wrong with what was typed, or the hint again."""
        hint = self.query_one("#prompt-hint", Label)
        hint.update(fault or _HINTS[self._kind])
        hint.set_class(bool(fault), "-fault")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._typed is not None:
            self._typed(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._end(event.value)

    def action_leave(self) -> None:
        """Take it back."""
        if self._typed is not None:
            self._typed("")
        self._end(None)

    def action_complete(self) -> None:
        """Take the suggestion."""
        self.query_one(Input).action_cursor_right()

    def action_ignore(self) -> None:
        """Up and down do nothing here, and do not leave the line."""

    def _end(self, text: str | None) -> None:
        self.post_message(self.Ended(self._kind, text))
        self.remove()
