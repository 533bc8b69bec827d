"""Every key as it is mapped now, with what it does and why it cannot be used at the moment; searchable."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from clonebox_tui.tui.key_lists import KeyGroup, KeyLine
from clonebox_tui.tui.presentation.runs import Runs, fit
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.text_view import TextView

_KEYS_CELLS = 17
"""`h left backspace`, and a blank."""


class HelpScreen(Dialog[None]):
    """`groups` are the keys to show, with the name of each group."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll(1)", "down", show=False, priority=True),
        Binding("up", "scroll(-1)", "up", show=False, priority=True),
        Binding("pagedown,ctrl+d", "scroll(10)", "down", show=False, priority=True),
        Binding("pageup,ctrl+u", "scroll(-10)", "up", show=False, priority=True),
    ]

    def __init__(self, groups: Sequence[KeyGroup]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        """A field to search in, and the keys."""
        with Vertical(classes="dialog help") as box:
            box.border_title = "Keys"
            yield Input(placeholder="type to search", compact=True, id="help-search")
            yield TextView(self._lines(""), classes="dialog-text", ground="surface")
            yield KeyBar(lambda: [("↑ ↓", "scroll"), ("esc", "back")])

    def on_mount(self) -> None:
        """One types at once."""
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        view = self.query_one(TextView)
        view.put(self._lines(event.value))
        view.scroll_home(animate=False)

    @on(Input.Submitted)
    def _done(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Read on."""
        self.query_one(TextView).scroll_relative(y=lines, animate=False)

    def _lines(self, search: str) -> list[Runs]:
        # Whoever begins with the key that searches elsewhere means what comes after it.
        words = (search.removeprefix("/") or search).lower().split()
        lines: list[Runs] = []
        for name, keys in self._groups:
            rows = [_row(each) for each in keys if _matches(each, name, words)]
            lines += [*([()] if lines else []), ((name, "accent"),), *rows] if rows else []
        return lines or [(("nothing is called that", "dim"),)]


def _matches(line: KeyLine, group: str, words: Sequence[str]) -> bool:
    text = f"{line.keys} {line.title} {line.also} {group}".lower()
    return all(word in text for word in words)


def _row(line: KeyLine) -> Runs:
    row: Runs = (
        (f"  {fit(line.keys, _KEYS_CELLS)}", "key"),
        (line.title, "dim" if line.reason else "text"),
        (f" (in {line.where})" if line.where else "", "dim"),
    )
    return (*row, (f"  {line.reason}", "warn")) if line.reason else row
