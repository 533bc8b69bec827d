"""Key paths: how a place inside a configuration is named, in errors and on the command line."""

import difflib
import re
from collections.abc import Iterable

KeyPath = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def dotted(path: KeyPath) -> str:
    """`("vm", "name")` → `vm.name`; list places as `[2]`, odd keys quoted as `['/a b']`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{part!r}]"  # repr: what a file says must not reach a terminal raw
    return text


def parse_dotted(text: str) -> KeyPath:
    """`vm.name` or `packages.0` → its parts; a part of digits only is a place in a list."""
    return tuple(int(part) if part.isdigit() else part for part in text.split("."))


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that looks most like `name`, or "" when none does."""
    matches = difflib.get_close_matches(name.lower().replace("-", "_"), sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else ""
