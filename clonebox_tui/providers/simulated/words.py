"""Take the quotes off a shell word and put values in for its variables."""

import re
from collections.abc import Mapping

_NAME = re.compile(r"\$(\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*|[0-9@?])")


def expand(word: str, variables: Mapping[str, str]) -> str:
    """The word as a command gets it; an unknown variable is empty."""
    result: list[str] = []
    quote = ""
    at = 0
    while at < len(word):
        character = word[at]
        if quote:
            if character == quote:
                quote = ""
                at += 1
                continue
        elif character in "'\"":
            quote = character
            at += 1
            continue
        if character == "\\" and quote != "'" and at + 1 < len(word):
            escaped = word[at + 1]
            result.append(escaped if not quote or escaped in '"\\$`' else "\\" + escaped)
            at += 2
            continue
        match = _NAME.match(word, at) if quote != "'" else None
        if match:
            result.append(_value(match.group(1), variables))
            at = match.end()
            continue
        result.append(character)
        at += 1
    return "".join(result)


def _value(name: str, variables: Mapping[str, str]) -> str:
    plain, sign, default = name.strip("{}").partition(":-")
    return variables.get(plain) or (default if sign else "")
