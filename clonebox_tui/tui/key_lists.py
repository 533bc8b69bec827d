"""What `?` lists: the keys of the cockpit's actions, or those of the screen that is in front."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from clonebox_tui.tui.action import Action, key_text
from clonebox_tui.tui.actions import ACTIONS
from clonebox_tui.tui.session import Session


class KeyLine(msgspec.Struct, frozen=True):
    """One line: keys as they are mapped now, and what they do."""

    keys: str
    title: str
    where: str = ""
    """The only pane in which they do it."""
    reason: str = ""
    """Why it cannot be done now."""
    also: str = ""
    """Other words by which it is found."""


KeyGroup = tuple[str, Sequence[KeyLine]]

_MOVING = (
    KeyLine("j k ↓ ↑", "one down, one up"),
    KeyLine("g G", "first, last"),
    KeyLine("ctrl+d ctrl+u", "half a page down, up"),
    KeyLine("enter", "into the machine; what a snapshot holds"),
    KeyLine("n N", "next, previous match while a search is on"),
)


def cockpit_keys(session: Session, keys: Mapping[str, str]) -> list[KeyGroup]:
    """Every action by its group; `keys` gives the keys of each by its id."""
    names = dict.fromkeys(action.group for action in ACTIONS)
    groups: list[KeyGroup] = [
        (name, [_line(each, session, keys) for each in ACTIONS if each.group == name]) for name in names
    ]
    return [*groups, ("Moving", _MOVING)]


def _line(action: Action, session: Session, keys: Mapping[str, str]) -> KeyLine:
    shown = keys.get(action.id, "")
    return KeyLine(
        shown or f":{action.id}",
        action.title,
        action.pane,
        action.reason(session),
        f"{action.id} {action.headless}",
    )


def screen_keys(screen: Screen[None]) -> list[KeyGroup]:
    """The keys of a screen, and those of the pane that has the focus; of both only what is our own."""
    groups: dict[str, dict[str, list[str]]] = {}
    for key, active in screen.active_bindings.items():
        binding = active.binding
        if (binding.action, binding.description) in set(_own(active.node)):
            name = "This screen" if active.node is screen else "This pane"
            groups.setdefault(name, {}).setdefault(binding.description, []).append(key_text(key))
    return [
        (name, [KeyLine(" ".join(keys), title) for title, keys in lines.items()])
        for name, lines in sorted(groups.items(), reverse=True)
    ]


def _own(node: DOMNode) -> Iterator[tuple[str, str]]:
    for kind in type(node).__mro__:
        if kind.__module__.partition(".")[0] == __name__.partition(".")[0]:
            for binding in vars(kind).get("BINDINGS", ()):
                if isinstance(binding, Binding):
                    yield binding.action, binding.description
