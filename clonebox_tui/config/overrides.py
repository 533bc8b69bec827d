"""`--set key=value`: single settings given on the command line, checked like the file itself."""

from collections.abc import Iterable
from typing import Any

import yaml

from clonebox_tui.config.document import TooComplexError
from clonebox_tui.config.file_model import FLAT_KEYS
from clonebox_tui.config.keypath import KeyPath, dotted, nearest, parse_dotted
from clonebox_tui.config.profiles import plain_yaml
from clonebox_tui.config.validation import known_path
from clonebox_tui.model.problem import Code, problem

MAX_LENGTH = 64 * 1024


def parse_overrides(settings: Iterable[str]) -> list[tuple[KeyPath, Any]]:
    """`["vm.ram_mb=4096", "packages=[git, vim]"]` → key paths and YAML values; raises `usage`."""
    return [_parse(setting) for setting in settings]


def apply_override(data: dict[str, Any], path: KeyPath, value: Any) -> None:
    """Put one value into plain data, making the maps on the way to it."""
    target: Any = data
    for part in path[:-1]:
        if (
            isinstance(part, str)
            and isinstance(target, dict)
            and not isinstance(target.get(part), dict | list)
        ):
            target[part] = {}
        target = _child(target, part, path)
    last = path[-1]
    if isinstance(target, dict):
        target[str(last)] = value
    elif isinstance(last, int) and last < len(target):
        target[last] = value
    elif isinstance(last, int) and last == len(target):
        target.append(value)
    else:
        _child(target, last, path)


def _child(target: Any, part: str | int, path: KeyPath) -> Any:
    try:
        return target[part if isinstance(target, list) else str(part)]
    except (KeyError, IndexError, TypeError):
        raise problem(
            Code.USAGE,
            f"--set {dotted(path)} has no place in the file.",
            next="Name a key, or a place in a list that is there.",
        ) from None


def _parse(setting: str) -> tuple[KeyPath, Any]:
    name, equals, text = setting.partition("=")
    if not equals or not name.strip():
        raise problem(
            Code.USAGE, f"--set {setting[:60]!r} is not key=value.", next="For example: --set vm.ram_mb=4096"
        )
    path = parse_dotted(name.strip())
    if len(path) == 1 and path[0] in FLAT_KEYS:
        path = ("vm", path[0])
    known, names = known_path(path)
    if not known:
        close = nearest(str(path[-1]), names)
        raise problem(
            Code.USAGE,
            f"--set {name.strip()!r}: this key is not known.",
            next=f"Did you mean {close}?" if close else "See `config schema` for every key.",
        )
    return path, _value(setting, text)


def _value(setting: str, text: str) -> Any:
    try:
        if len(text) > MAX_LENGTH:
            raise ValueError("too long")
        return plain_yaml(text)
    except (yaml.YAMLError, RecursionError, ValueError, TooComplexError) as error:
        raise problem(
            Code.USAGE,
            f"The value of --set {setting[:60]!r} is not valid YAML.",
            why=str(error),
            next="Quote what YAML reads as its own signs: --set 'vm.name=\"a\"'.",
        ) from None
