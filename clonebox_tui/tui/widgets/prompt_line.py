"""The line one types a filter, a search or a command into; enter keeps it, esc takes it back."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import msgspec
from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Key
from textual.message import Message
from textual.screen import Screen
from textual.suggester import Suggester
from textual.widgets import Input, Label

from clonebox_tui.tui.presentation.runs import fit

_HINTS = {
    "filter": "regex · ! inverse · ~ fuzzy · tag: group: state: host: note:",
    "snapshot-filter": "regex · ! inverse · ~ fuzzy · enter keeps · esc clears",
    "jobs-filter": "title, act, state · regex · ! inverse · ~ fuzzy · enter keeps",
    "search": "regex · ! ~ · enter, then n N · esc clears",
    "log-filter": "only lines that match · regex · ! ~ · esc clears",
    "log-source": "tab completes · file:/PATH of the guest · several are merged",
    "log-save": "a new file on this computer · enter writes · esc leaves",
    "command": "tab completes · ↑ ↓ what was run · enter runs · esc leaves",
}

_BETWEEN_CELLS = 6
"""Around the mark and the hint, and of the cursor."""

_LEAST_HINT_CELLS = 20
"""Otherwise what was typed goes before the hint."""


class Asked(msgspec.Struct, frozen=True):
    """What a line is for. `typed` hears every change and tells what is wrong with it, or what may follow;
    `complete` gives whole lines that go on from the one typed; `earlier` are lines to take up again."""

    kind: str
    mark: str
    text: str = ""
    typed: Callable[[str], str] | None = None
    complete: Callable[[str], Sequence[str]] | None = None
    earlier: Sequence[str] = ()


class _Suggester(Suggester):
    """The first completion, as text that is not there yet."""

    def __init__(self, complete: Callable[[str], Sequence[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        going_on = (line for line in self._complete(value) if line.startswith(value))
        return next(going_on, None) if value else None


def put_line(screen: Screen[Any], asked: Asked) -> None:
    """Put a line at the bottom. It has the focus at once, before there is a field in it: what is typed
    meanwhile is not for the screen below, where letters are commands."""
    line = PromptLine(asked)
    screen.mount(line)
    screen.set_focus(line)


class PromptLine(Horizontal, can_focus=True):
    """Removes itself at the end and tells the screen how it ended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", show=False, priority=True),
        Binding("tab", "complete(1)", "complete", show=False, priority=True),
        Binding("shift+tab", "complete(-1)", "complete back", show=False, priority=True),
        Binding("up", "earlier(-1)", "what was run before", show=False, priority=True),
        Binding("down", "earlier(1)", "what was run after", show=False, priority=True),
    ]

    class Ended(Message):
        """`text` is None when it was left by esc."""

        def __init__(self, kind: str, text: str | None) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    def __init__(self, asked: Asked) -> None:
        super().__init__(id="prompt")
        self._asked = asked
        self._cycle: list[str] = []
        """What tab goes through: what was typed, and its completions."""
        self._line_at = len(asked.earlier)
        self._typed_ahead = ""
        self._sent_ahead = False
        self._ended = False

    def compose(self) -> ComposeResult:
        """Mark, input, hint."""
        asked = self._asked
        suggester = _Suggester(asked.complete) if asked.complete else None
        yield Label(asked.mark, id="prompt-mark")
        yield Input(asked.text, suggester=suggester, compact=True, id="prompt-input", select_on_focus=False)
        yield Label(_HINTS[asked.kind], id="prompt-hint", markup=False)

    def on_mount(self) -> None:
        """One types at once."""
        self.can_focus = False
        if self._typed_ahead:
            self._input.insert_text_at_cursor(self._typed_ahead)
        self.screen.set_focus(self._input)
        if self._sent_ahead:
            self._end(self._input.value)

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Letters are text here, as in the field that is about to come."""
        return key == "enter" or (character is not None and character.isprintable())

    def on_key(self, event: Key) -> None:
        """Keep what was typed before there was a field: keys wait for it, but not for ever."""
        if self.can_focus and self.check_consume_key(event.key, event.character):
            event.stop()
            self._sent_ahead |= event.key == "enter"
            self._typed_ahead += "" if self._sent_ahead else event.character or ""

    @property
    def _input(self) -> Input:
        return self.query_one(Input)

    def _tell(self, said: str) -> None:
        """Say what is wrong with what was typed, or what may follow, or the hint again."""
        hint = self.query_one("#prompt-hint", Label)
        words = said or _HINTS[self._asked.kind]
        typed = cell_len(self._asked.mark) + cell_len(self._input.value)
        room = self.screen.size.width - typed - _BETWEEN_CELLS
        hint.update(fit(words, min(cell_len(words), max(room, _LEAST_HINT_CELLS))))
        hint.set_class(bool(said) and self._asked.kind != "command", "-fault")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value not in self._cycle:
            self._cycle = []
        self._tell(self._asked.typed(event.value) if self._asked.typed is not None else "")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._end(event.value)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What goes through lines needs the field; to leave does not."""
        del parameters
        return action == "leave" or self.is_mounted

    def action_leave(self) -> None:
        """Take it back."""
        if not self.is_mounted:
            # Taken away before, it would never be given the field that it looks for.
            self.call_later(self.action_leave)
            return
        if self._asked.typed is not None:
            self._asked.typed("")
        self._end(None)

    def action_complete(self, step: int) -> None:
        """The next completion, and after the last what was typed again."""
        typed = self._input.value
        if not self._cycle and self._asked.complete is not None:
            self._cycle = [typed, *self._asked.complete(typed)]
        if len(self._cycle) > 1:
            following = (self._cycle.index(typed) + step) % len(self._cycle)
            self._put(self._cycle[following])
        if len(self._cycle) == 2:
            # Nothing else it could be: go on with the next word.
            self._cycle = []
            self._put(f"{self._input.value} ")

    def action_earlier(self, step: int) -> None:
        """Another line that was run before."""
        count = len(self._asked.earlier)
        self._line_at = max(0, min(count, self._line_at + step))
        if count:
            self._put(self._asked.earlier[self._line_at] if self._line_at < count else "")

    def _put(self, text: str) -> None:
        self._input.value = text
        self._input.cursor_position = len(text)

    def _end(self, text: str | None) -> None:
        if self._ended:
            return  # the second of two keys that came at once
        self._ended = True
        self.post_message(self.Ended(self._asked.kind, text))
        self.remove()
