"""What was run on the cockpit's command line, kept for the next time: a private file, one line each."""

import contextlib
from pathlib import Path

from clonebox_tui.tui.action import Action
from clonebox_tui.tui.own_files import write_private

MOST_LINES = 200
_MOST_BYTES = 64 * 1024
_FREE_TEXT = frozenset({"note"})
"""What follows these is anything a person may write."""


def newest(lines: list[str], line: str) -> list[str]:
    """The lines with this one as the last, each once, the oldest left out."""
    return [*(each for each in lines if each != line), line][-MOST_LINES:]


def may_be_kept(line: str, action: Action) -> bool:
    """Not free text, nor a line with a blank in front, as shells have it: both may hold what is secret."""
    return action.id not in _FREE_TEXT and not line.startswith(" ") and line.isprintable()


def read_lines(path: Path) -> list[str]:
    """What was kept, oldest first; nothing where there is no such file, or none of ours."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line and line.isprintable()][-MOST_LINES:]


def keep_line(path: Path, line: str) -> None:
    """Add a line to what cockpits have kept by now; where the file cannot be written, it is forgotten."""
    with contextlib.suppress(OSError):
        write_private(path, "".join(f"{each}\n" for each in newest(read_lines(path), line)))
