"""Split a shell line into words, take their quotes off and put values in for their variables."""

import re
from collections.abc import Mapping

_NAME = re.compile(r"\$(\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*|[0-9@?])")


_TOKEN = re.compile(
    r"(?P<comment>\#[^\n]*)"
    r"|(?P<sign>\d?>>|\d?>&\d|\d?>|<|&&|\|\||[;|&\n])"
    r"|(?P<word>(?:'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|[^\s;&|<>'\"\\])+)",
    re.DOTALL,
)


def words_of(script: str) -> list[str]:
    """The words and operators of a script; words keep their quotes. ValueError: a quote is open."""
    words: list[str] = []
    at = 0
    while at < len(script):
        if script[at] in " \t\r":
            at += 1
            continue
        token = _TOKEN.match(script, at)
        if token is None:
            raise ValueError("Unterminated quoted string")
        if token.lastgroup != "comment":
            # Descriptor 1 is what a redirection means anyway.
            words.append(token.group().removeprefix("1") if token.lastgroup == "sign" else token.group())
        at = token.end()
    return words


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
