"""A connection as a row and in full: where it leads, how it is since when, what is wrong and what to do."""

from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.connection_messages import HostKeys, ShownKey
from clonebox_tui.model.remote import is_remote
from clonebox_tui.tui.presentation.amounts import duration, next_try, plural
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.problem_text import problem_lines
from clonebox_tui.tui.presentation.runs import Runs, clean, fit

_INKS = {Link.UP: "ok", Link.CONNECTING: "warn", Link.DOWN: "bad"}
_STATE_CELLS = 26


def _mark(link: Link, glyphs: Glyphs) -> str:
    return {Link.UP: glyphs.host, Link.CONNECTING: glyphs.busy, Link.DOWN: glyphs.failed}[link]


def link_words(connection: Connection, now: float) -> str:
    """`up 3 h`, `down 2 m, retry in 8 s`."""
    words = f"{connection.link.value} {duration(now - connection.since)}"
    if connection.link is Link.DOWN and connection.retry_at is not None:
        words += f", {next_try(connection.retry_at - now)}"
    return words


def connection_row(
    connection: Connection, label: str, longest: int, now: float, width: int, glyphs: Glyphs
) -> Runs:
    """One line: sign, host (the longest of the list takes `longest` cells), how it is."""
    ink = _INKS[connection.link]
    room = max(4, min(longest + 2, width - 4 - _STATE_CELLS))
    state = max(0, width - 3 - room - 1)
    return (
        (f" {_mark(connection.link, glyphs)} ", ink),
        (f"{fit(clean(label), room - 1)} ", "text"),
        (f"{fit(link_words(connection, now), state)} ", ink if connection.link is not Link.UP else "dim"),
    )


def connection_lines(connection: Connection, machines: int, now: float) -> list[Runs]:
    """Everything known of it."""
    kind = " · ".join(part for part in (connection.hypervisor, connection.host) if part)
    facts = [
        ("uri", connection.uri),
        ("state", link_words(connection, now)),
        ("tries", str(connection.attempt) if connection.attempt else ""),
        ("host", kind),
        ("machines", plural(machines, "machine")),
        ("files", "on that host: clones are made there, with --host" if is_remote(connection.uri) else ""),
    ]
    lines: list[Runs] = [
        ((f"{fit(name, 10)} ", "dim"), (clean(value), "text")) for name, value in facts if value
    ]
    if connection.problem is not None:
        lines += [(), *problem_lines(connection.problem)]
    return lines


def key_lines(keys: HostKeys) -> list[Runs]:
    """What a person compares before a host is believed."""
    changed = keys.state == "changed"
    ask = "Compare this with what the owner of that host says. It may be another host."
    said = ("shows another key than before:", "bad") if changed else ("shows this key:", "text")
    lines: list[Runs] = [
        ((f"{clean(keys.host)} ", "strong"), said),
        (),
        *_shown(keys.shown, "accent"),
    ]
    if changed:
        lines += [(), (("Accepted before:", "dim"),), *_shown(keys.accepted, "dim")]
    return [*lines, (), ((ask, "warn"),)]


def _shown(keys: tuple[ShownKey, ...], ink: str) -> list[Runs]:
    return [((f"  {clean(key.kind)}  ", "dim"), (clean(key.fingerprint), ink)) for key in keys]
