"""Every key as it is mapped now, with what it does and why it cannot be used at the moment; searchable."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from clonebox_tui.tui.action import Action
from clonebox_tui.tui.actions import ACTIONS
from clonebox_tui.tui.presentation.runs import Runs, fit
from clonebox_tui.tui.screens.dialog import Dialog
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.text_view import TextView

_MOVING = (
    ("j k ↓ ↑", "one down, one up"),
    ("g G", "first, last"),
    ("ctrl+d ctrl+u", "half a page down, up"),
    ("enter", "into the machine; what a snapshot holds"),
    ("n N", "next, previous match while a search is on"),
)


class HelpScreen(Dialog[None]):
    """`keys` gives the keys of each action by its id."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll(1)", "down", show=False, priority=True),
        Binding("up", "scroll(-1)", "up", show=False, priority=True),
        Binding("pagedown,ctrl+d", "scroll(10)", "down", show=False, priority=True),
        Binding("pageup,ctrl+u", "scroll(-10)", "up", show=False, priority=True),
    ]

    def __init__(self, session: Session, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._session = session
        self._keys = keys

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
        words = search.lower().split()
        lines: list[Runs] = []
        groups = list(dict.fromkeys(action.group for action in ACTIONS))
        for group in groups:
            rows = [self._row(each) for each in ACTIONS if each.group == group and self._matches(each, words)]
            lines += [((group, "accent"),), *rows, ()] if rows else []
        moving = [
            (key, title) for key, title in _MOVING if all(word in f"{key} {title} moving" for word in words)
        ]
        if moving:
            lines += [
                (("Moving", "accent"),),
                *(((f"  {fit(k, 15)}", "key"), (t, "text")) for k, t in moving),
            ]
        return lines or [(("nothing is called that", "dim"),)]

    def _matches(self, action: Action, words: list[str]) -> bool:
        keys = self._keys.get(action.id, "")
        text = f"{action.id} {action.title} {action.group} {keys} {action.headless}".lower()
        return all(word in text for word in words)

    def _row(self, action: Action) -> Runs:
        reason = action.reason(self._session)
        where = f" (in {action.pane})" if action.pane else ""
        keys = self._keys.get(action.id) or f":{action.id}"
        row: Runs = (
            (f"  {fit(keys, 15)}", "key"),
            (action.title, "dim" if reason else "text"),
        )
        row = (*row, (where, "dim"))
        return (*row, (f"  {reason}", "warn")) if reason else row
