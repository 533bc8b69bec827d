"""What a person wrote into `keys.toml`, checked: known actions, real keys, none meant for two actions."""

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from textual.binding import Binding
from textual.keys import KEY_TO_UNICODE_NAME, REPLACED_KEYS, Keys, _character_to_key

from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.tui.action import Action, key_text
from clonebox_tui.tui.actions import ACTIONS, BY_ID
from clonebox_tui.tui.widgets.row_view import RowView

_MODIFIERS = frozenset({"ctrl", "alt", "shift", "super", "meta", "hyper"})
_NAMED = frozenset(key.value for key in Keys if key.value.isalnum())
_AS_SHOWN = {"esc": "escape"}
_MOVING = frozenset(",".join(each.key for each in RowView.BINDINGS if isinstance(each, Binding)).split(","))
"""A list takes these before any action can."""


def checked_keys(path: Path, written: Mapping[str, object]) -> dict[str, str]:
    """Keys by action id, several with commas between, by Textual's names; CONFIG_INVALID.

    An action that shares its own key with one of them (in another pane) is named too: Textual would take
    the key away from both.
    """
    unknown = [name for name in written if name not in BY_ID]
    if unknown:
        raise _wrong(path, f"no action is called {unknown[0]}", f"Known: {', '.join(BY_ID)}.")
    own = {name: _keys(path, name, value) for name, value in written.items()}
    for name, keys in own.items():
        _refuse_taken(path, BY_ID[name], keys, own)
    sharing = (
        each for each in ACTIONS if each.id not in own and any(_share(each, BY_ID[name]) for name in own)
    )
    return {name: ",".join(keys) for name, keys in (own | {each.id: each.keys for each in sharing}).items()}


def _keys(path: Path, name: str, value: object) -> tuple[str, ...]:
    example = f'For example: {name} = "ctrl+s"'
    if not isinstance(value, str):
        raise _wrong(path, f"{name} wants text", example)
    words = [word.strip() for word in value.split(",")] if value != "," else [value]
    unknown = [word for word in words if not _name(word)]
    if unknown:
        raise _wrong(
            path, f"{name}: there is no key “{unknown[0]}”", f"{example}, f5, space, or one character."
        )
    return tuple(map(_name, words))


def _name(word: str) -> str:
    """Textual's name of a key, from that or from how `?` shows it; empty when there is none."""
    *modifiers, key = word.rsplit("+", 1) if len(word) > 1 else [word]
    key = _character_to_key(key) if len(key) == 1 else _AS_SHOWN.get(key, key)
    if not set("+".join(modifiers).split("+") if modifiers else ()) <= _MODIFIERS:
        return ""
    return "+".join((*modifiers, key)) if key in _NAMED | REPLACED_KEYS.keys() or _is_character(key) else ""


def _is_character(name: str) -> bool:
    try:
        unicodedata.lookup(KEY_TO_UNICODE_NAME.get(name, name.replace("_", " ")))
    except KeyError:
        return len(name) == 1
    return True


def _refuse_taken(
    path: Path, action: Action, keys: tuple[str, ...], own: Mapping[str, tuple[str, ...]]
) -> None:
    moving = (_MOVING - set(action.keys)).intersection(keys)
    if moving:
        key = key_text(min(moving))
        raise _wrong(path, f"{action.id} = “{key}”, which moves in lists", "Take another.")
    for other in ACTIONS:
        taken = set(keys) & set(own.get(other.id, other.keys))
        if taken and other is not action and not _share(action, other):
            key = key_text(min(taken))
            what = f"{action.id} = “{key}”, which is the key of {other.id} ({other.title}), too"
            raise _wrong(path, what, f'Take another, or give that one another: {other.id} = "…"')


def _share(one: Action, other: Action) -> bool:
    """Whether both have one key from the start: in different panes."""
    return not set(one.keys).isdisjoint(other.keys)


def _wrong(path: Path, what: str, way_out: str) -> ProblemError:
    return problem(Code.CONFIG_INVALID, f"{path}: {what}.", next=way_out)
