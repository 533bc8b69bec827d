"""Which keys stand in the footer of a pane, and how keys are written."""

from collections.abc import Mapping

from textual.binding import BindingsMap

from clonebox_tui.tui.action import LAST, key_text
from clonebox_tui.tui.actions import ACTIONS
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.bars import KeyHint

_OWN: dict[str, tuple[KeyHint, ...]] = {"log": (("G", "follow"), ("/", "search"))}
"""Keys of a pane's widget itself."""
_MATCH_KEYS = ("n", "N")
"""They go through the matches while the log is searched, whatever else they do."""


_OF_A_SNAPSHOT = frozenset(
    f"snapshot-{each}" for each in ("restore", "delete", "details", "diff", "get", "bisect")
)
"""Actions that a machine without any has nothing for; pressed all the same, they say so."""

_HERE = {"snapshots": "snapshots", "log": "logs"}
"""Actions that lead to the pane where one is already."""


def keys_by_action(bindings: BindingsMap, keymap: Mapping[str, str]) -> dict[str, str]:
    """The keys of every action as they are mapped now, as shown; `keymap` holds a person's own by id."""
    mapped = bindings.copy()
    mapped.apply_keymap(dict(keymap))
    keys: dict[str, list[str]] = {}
    for key, binding in mapped:
        if binding.id and key_text(key):
            keys.setdefault(binding.id, []).append(key_text(key))
    return {action: " ".join(shown) for action, shown in keys.items()}


def hints(pane: str, keys: Mapping[str, str], session: Session, searching: bool = False) -> list[KeyHint]:
    """Keys and titles of what can be done now, for the footer: the pane's own first, help always the last.

    What cannot be done is left out here: the help has it, and says why. `searching`: in the log.
    """
    wanted = [action for action in ACTIONS if action.footer and action.pane in ("", pane)]
    wanted = [each for each in wanted if each.id != _HERE.get(pane) and not each.reason(session)]
    wanted.sort(key=lambda action: (action.footer == LAST, not action.pane, action.footer))
    if searching:
        wanted = [each for each in wanted if keys.get(each.id) not in _MATCH_KEYS]
    shadowed = {keys.get(action.id) for action in wanted if action.pane}
    shadowed |= {key for key, _ in _OWN.get(pane, ())}
    shown = [each for each in wanted if each.pane or keys.get(each.id) not in shadowed]
    if session.snapshots.get(session.selected) == ():
        shown = [each for each in shown if each.id not in _OF_A_SNAPSHOT]
    unmark = [(keys.get("back", ""), "unmark")] if session.marked and pane == "machines" else []
    matches = [(" ".join(_MATCH_KEYS), "next match")] if searching else []
    own = [*unmark, *matches, *_OWN.get(pane, ())]
    return [*own, *((keys.get(action.id, ""), action.hint) for action in shown)]
