"""Changes single settings in a user's own file and leaves every comment, order and quote as it was."""

import re
from collections.abc import Mapping
from io import StringIO
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from clonebox_tui.config.document import Document, round_trip
from clonebox_tui.config.file_model import FLAT_KEYS
from clonebox_tui.config.keypath import KeyPath, parse_dotted
from clonebox_tui.model.problem import Code, problem

_FIRST_LIST = re.compile(
    r"^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)- ", re.MULTILINE
)
_FIRST_MAP = re.compile(
    r"^[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?:[ \t]*(?:#[^\n]*)?\n)*( +)[^\s#-]", re.MULTILINE
)


class _Remove:
    """Stands for "take this key out"."""


REMOVE: Final = _Remove()


def edit(document: Document, changes: Mapping[str, Any]) -> str:
    """The file's text with `changes` (dotted key → plain value, or `REMOVE`) put in.

    Text is taken as it stands in a file, so a `$` before `{` wants to be `$$`. A flat file stays flat. The
    document itself is not changed. Raises `config-invalid` for a place that cannot be.
    """
    yaml = round_trip()
    _keep_indents(yaml, document.text)
    data = yaml.load(document.text)
    if data is None:
        data = CommentedMap()
    if not isinstance(data, CommentedMap):
        raise problem(
            Code.CONFIG_INVALID, f"{document.path} has no keys at its top.", next="Write lines like `vm:`."
        )
    for name, value in changes.items():
        _put(data, _where(data, parse_dotted(name)), value, name)
    out = StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _keep_indents(yaml: YAML, text: str) -> None:
    """Write lists and maps as far to the right as this file does (its first ones decide)."""
    under = _FIRST_LIST.search(text)
    offset = len(under[2]) - len(under[1]) if under else 2
    nested = _FIRST_MAP.search(text)
    mapping = len(nested[1]) if nested else 2
    yaml.indent(mapping=mapping, sequence=max(offset, 0) + 2, offset=max(offset, 0))


def _where(data: CommentedMap, path: KeyPath) -> KeyPath:
    """`vm.name` stands at the top in a flat file."""
    key = path[-1]
    flat = len(path) == 2 and path[0] == "vm" and key in FLAT_KEYS and key in data
    return (key,) if flat and key not in (data.get("vm") or {}) else path


def _put(data: Any, path: KeyPath, value: Any, name: str) -> None:
    for part in path[:-1]:
        if isinstance(data, dict) and data.get(part) is None:
            if value is REMOVE:
                return
            data[part] = CommentedMap()
        data = _child(data, part, name)
    last = path[-1]
    if value is REMOVE:
        if _has(data, last):
            del data[last]
    elif isinstance(data, list) and last == len(data):
        data.append(value)
    elif isinstance(data, dict) or _has(data, last):
        data[last] = value
    else:
        _child(data, last, name)


def _child(data: Any, part: str | int, name: str) -> Any:
    container: Any = data
    if _has(data, part):
        return container[part]
    raise problem(
        Code.CONFIG_INVALID, f"{name} has no place in the file.", next="Name a key that can be there."
    )


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, dict) and part in data
