"""A line of a log with its level made visible and what was searched for marked."""

import re
from functools import cache

from clonebox_tui.tui.presentation.runs import Run, Runs, clean

_LEVELS = (
    ("bad", r"\b(emerg|alert|crit(ical)?|err(or)?|fatal|fail(ed|ure)?|panic|oops|segfault)\b"),
    ("warn", r"\bwarn(ing)?\b|\bdeprecated\b|\bdegraded\b"),
    ("dim", r"\b(debug|trace)\b"),
)
_TIMES = (
    r"\[\s*\d+\.\d+\]",
    r"\d\d:\d\d:\d\d(\.\d+)?",
    r"\d{4}-\d\d-\d\dT\S+",
    r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d",
)


@cache
def _levels() -> tuple[tuple[str, re.Pattern[str]], ...]:
    # Compiled when the first line is drawn: the first picture has none.
    return tuple((ink, re.compile(words, re.IGNORECASE)) for ink, words in _LEVELS)


@cache
def _time() -> re.Pattern[str]:
    return re.compile(rf"^\s*({'|'.join(_TIMES)})\s")


def level_ink(text: str) -> str:
    """The ink of a line by the level it names."""
    return next((ink for ink, words in _levels() if words.search(text)), "text")


def wrapped(text: str, width: int) -> list[str]:
    """A line as rows of at most `width` cells."""
    if len(text) <= width and text.isascii():
        return [text]
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)]
    from rich.cells import chop_cells

    return chop_cells(text, width) or [""]


def log_runs(text: str, search: re.Pattern[str] | None, ink: str = "") -> Runs:
    """A line: its time dimmed, its level coloured (`ink`, where it is a part of a line), matches marked."""
    text = clean(text.expandtabs(4))
    ink = ink or level_ink(text)
    time = _time().match(text)
    start = time.end() if time else 0
    runs: list[Run] = [(text[:start], "dim")] if start else []
    if search is None:
        return (*runs, (text[start:], ink))
    at = start
    for match in search.finditer(text, start):
        if match.end() > match.start():
            runs += [(text[at : match.start()], ink), (match.group(), "match")]
            at = match.end()
    return (*runs, (text[at:], ink))
