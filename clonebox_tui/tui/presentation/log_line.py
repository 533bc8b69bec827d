"""A line of a log with its level made visible and what was searched for marked."""

import re

from clonebox_tui.tui.presentation.runs import Run, Runs, clean

_BAD = re.compile(r"\b(emerg|alert|crit(ical)?|err(or)?|fatal|fail(ed|ure)?|panic|oops|segfault)\b", re.I)
_WARN = re.compile(r"\bwarn(ing)?\b|\bdeprecated\b|\bdegraded\b", re.I)
_DIM = re.compile(r"\b(debug|trace)\b", re.I)
_TIME = re.compile(
    r"^\s*(\[\s*\d+\.\d+\]|\d\d:\d\d:\d\d(\.\d+)?|\d{4}-\d\d-\d\dT\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)\s"
)


def level_ink(text: str) -> str:
    """The ink of a line by the level it names."""
    if _BAD.search(text):
        return "bad"
    if _WARN.search(text):
        return "warn"
    return "dim" if _DIM.search(text) else "text"


def log_runs(text: str, search: re.Pattern[str] | None) -> Runs:
    """A line: its time dimmed, its level coloured, matches marked."""
    text = clean(text.expandtabs(4))
    ink = level_ink(text)
    time = _TIME.match(text)
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
