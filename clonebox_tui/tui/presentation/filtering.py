"""The filter language of lists: a regular expression, `!` for its inverse, `~` for fuzzy."""

import re
from collections.abc import Callable

Accepts = Callable[[str], bool]


def _fuzzy(pattern: str) -> Accepts:
    letters = pattern.lower()

    def accepts(text: str) -> bool:
        rest = iter(text.lower())
        return all(letter in rest for letter in letters)

    return accepts


def compile_filter(text: str) -> tuple[Accepts, str]:
    """A test for names and a sentence on what is wrong (empty: nothing).

    A broken expression is taken letter by letter, so that typing `[` never empties the list.
    """
    if text.startswith("!") and len(text) > 1:
        inner, fault = compile_filter(text[1:])
        return (lambda name: not inner(name)), fault
    if text.startswith("~"):
        return _fuzzy(text[1:]), ""
    try:
        search = re.compile(text, re.IGNORECASE).search
    except re.error as error:
        plain = text.lower()
        return (lambda name: plain in name.lower()), f"not a regular expression: {error.msg}"
    return (lambda name: search(name) is not None), ""
