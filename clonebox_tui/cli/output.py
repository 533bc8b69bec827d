"""How commands speak: JSON documents with stable names, plain aligned tables, errors with their next step."""

import base64
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import click
import msgspec

from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import Exit, Problem
from clonebox_tui.model.terminal import in_ascii, signs_in_ascii, speaks_utf8

_TIMES = ("_at", "time", "since")
_OUTPUT = 1

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def when(seconds: float) -> str:
    """A time as RFC 3339 in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def document(value: object, name: str = "") -> object:
    """A struct as JSON-ready data: every field present, times as RFC 3339."""
    if isinstance(value, msgspec.Struct):
        return {key: document(getattr(value, key), key) for key in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {str(key): document(each, str(key)) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [document(each) for each in value]
    if isinstance(value, float) and name.endswith(_TIMES):
        return when(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def emit(name: str, values: Iterable[object]) -> None:
    """Print `{name: [values…]}`, the shape of every JSON answer."""
    write_json({name: document(list(values))})


def write_json(value: object) -> None:
    """Print one JSON document on one line; what a terminal might obey is escaped, as JSON allows."""
    text = msgspec.json.encode(value).decode()
    if not text.isprintable():
        text = "".join(each if each.isprintable() else _escaped(each) for each in text)
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def shown(text: str, err: bool = False, own: bool = True) -> str:
    """One line as it may be printed: nothing a terminal obeys, and where the locale is not UTF-8 ASCII only.

    Into a file or a pipe names stay as they are then, and all of what is not our `own` words.
    """
    text = clean_text(text)
    if text.isascii() or speaks_utf8(os.environ):
        return text
    if (sys.stderr if err else sys.stdout).isatty():
        return in_ascii(text)
    return signs_in_ascii(text) if own else text


def say(text: str, err: bool = False, own: bool = True) -> None:
    """Print one line; names, titles and logs come from guests and files, and no terminal shall obey them."""
    click.echo(shown(text, err, own), err=err)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print aligned columns; a column of figures (heading ends with `>`) is set to the right."""
    lines = [
        [heading.rstrip(">") for heading in headings],
        *([shown(cell) for cell in row] for row in rows),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        cells = (
            cell.rjust(width) if heading.endswith(">") else cell.ljust(width)
            for cell, width, heading in zip(line, widths, headings, strict=True)
        )
        click.echo("  ".join(cells).rstrip())


def pairs(rows: Iterable[tuple[str, str]]) -> None:
    """Print `name  value` lines, without those that have no value."""
    kept = [(name, value) for name, value in rows if value]
    width = max((len(name) for name, _ in kept), default=0)
    for name, value in kept:
        click.echo(f"{name.ljust(width)}  {shown(value)}")


def size(amount: float | None) -> str:
    """Bytes for people, in binary units: `1.5 GiB`; `-` where unknown."""
    if amount is None:
        return "-"
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(amount) < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def complain(problem: Problem, as_json: bool) -> None:
    """Say what happened, why, and what to do next, on standard error."""
    if as_json:
        sys.stderr.write(msgspec.json.encode({"problems": [document(problem)]}).decode() + "\n")
        return
    # What the details say in full is not said twice, nor what the reason names already.
    details = () if all(line in problem.why for line in problem.details) else problem.details
    lines = [f"Error: {problem.what}"]
    lines += [f"  {line}" for line in details]
    lines += [f"Why: {problem.why}"] if problem.why and problem.why not in details else []
    lines += [f"Next: {problem.next}"] if problem.next else []
    lines += [f"({problem.code.value})"]
    # Causes' own words may come from a guest or a file.
    sys.stderr.write("".join(f"{shown(line, err=True)}\n" for line in lines))


def leave_with_reader() -> None:
    """Leave from now on once nobody reads what is printed: `list --watch | grep -m 1 …` must not wait for
    a next line that may come in hours."""
    import stat
    import threading

    try:
        kind = os.fstat(_OUTPUT).st_mode
    except OSError:  # it is closed: nothing is printed anyway
        return
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
        threading.Thread(target=_leave_when_unread, name="reader's end", daemon=True).start()


def _leave_when_unread() -> None:
    import select

    poll = select.poll()
    poll.register(_OUTPUT, 0)
    poll.poll()
    os._exit(int(Exit.FAILED))
