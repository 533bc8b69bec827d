"""The top line: which host, how it is, how many machines; a lost connection stands out."""

from operator import attrgetter
from typing import TYPE_CHECKING

from clonebox_tui.model.connection import Connection, HostReading, Link
from clonebox_tui.model.machine import State
from clonebox_tui.tui.presentation.amounts import duration, gibibytes, next_try, number, plural
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.machine_row import spark_text
from clonebox_tui.tui.presentation.runs import Run, Runs, clean, fit_name, justify, width_of
from clonebox_tui.tui.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

_FULL_WIDTH = 100
_DOWN_CELLS = 24
"""Of the name of a host that is down: since when, and when it is tried again, must be seen at 80 columns."""
_STATE = attrgetter("state")


def link_runs(connection: Connection, now: float, glyphs: Glyphs, label: str = "") -> Runs:
    """A connection and how it is: up, being made, or down since when and tried again when. `label` is its
    short name among others."""
    # What follows a `?` are settings of the driver, not the name of a host.
    uri = clean(label or connection.uri.partition("?")[0])
    if connection.link is Link.UP:
        return ((f"{glyphs.host} ", "ok"), (uri, "text"))
    if connection.link is Link.CONNECTING:
        return ((f"{glyphs.busy} ", "warn"), (f"{uri} connecting", "warn"))
    age = duration(now - connection.since)
    uri, retry = fit_name(uri, _DOWN_CELLS).rstrip(), ""
    if connection.retry_at is not None:
        retry = f" · {next_try(connection.retry_at - now)}"
    return ((f"{glyphs.failed} ", "bad"), (f"{uri} down {age}{retry}", "bad"))


def _worker_runs(session: Session, glyphs: Glyphs) -> Runs:
    age = duration(session.clock() - (session.worker_lost_at or 0.0))
    who = session.where.far or "worker"
    if session.worker_stopped:
        return ((f"{glyphs.failed} ", "bad"), (f"{who} was stopped {age} ago · ctrl+r starts it", "bad"))
    return ((f"{glyphs.failed} ", "bad"), (f"{who} lost {age} ago · looking for it", "bad"))


def _far_runs(session: Session) -> Runs:
    """Whose worker this is, where it is another host's."""
    where = session.where
    if not where.far:
        return ()
    other = f"has version {where.other_version}, reading only  " if where.other_version else ""
    return ((f"{clean(where.far)}  ", "accent"), (other, "warn"))


def _total(count: int | None) -> str:
    # A host's memory is tens of GiB: a tenth of one says nothing.
    return f"{count / 1024**3:.0f}" if count and count >= 10 * 1024**3 else gibibytes(count)


def _host_runs(host: HostReading | None, spark: bytes, glyphs: Glyphs, full: bool) -> Runs:
    if host is None or (host.cpu_percent is None and host.memory_used_bytes is None):
        return ()
    cpu = "–" if host.cpu_percent is None else f"{host.cpu_percent:.0f}%"
    runs: list[Run] = [("host cpu ", "dim"), (f"{cpu:>4}", "text")]
    if full:
        runs.append((f" {spark_text(spark, 6, glyphs)}", "cpu"))
    used, total = gibibytes(host.memory_used_bytes), _total(host.memory_total_bytes)
    return (*runs, ("  mem ", "dim"), (f"{used}/{total} GiB", "text"))


def _count_runs(session: Session) -> Runs:
    # In C, since this is asked for at every tick, of thousands.
    states = list(map(_STATE, session.machines.values()))
    running, crashed = states.count(State.RUNNING), states.count(State.CRASHED)
    runs: list[Run] = [(plural(len(session.machines) + session.awaited, "machine"), "text")]
    if not session.awaited:
        runs += [(" · ", "dim"), (f"{number(running)} running", "ok")]
    if crashed:
        runs += [(" · ", "dim"), (f"{number(crashed)} crashed", "bad")]
    if session.marked:
        runs += [(" · ", "dim"), (f"{number(len(session.marked))} marked", "accent")]
    if session.readonly:
        runs += [(" · ", "dim"), ("read-only", "warn")]
    if session.slow_line:
        runs += [(" · ", "dim"), ("slow line", "warn")]
    return (*runs, (" ", "text"))


def _connections(session: Session, glyphs: Glyphs, full: bool) -> Runs:
    # Trouble first: with several connections a lost one must not fall off the line.
    ordered: Sequence[Connection] = sorted(
        session.connections.values(), key=lambda c: (c.link is Link.UP, c.uri)
    )
    runs: list[Run] = []
    shown = ordered[: 3 if full else 1]
    for index, connection in enumerate(shown):
        runs += [("  ", "text")] if index else []
        runs += link_runs(connection, session.clock(), glyphs, session.where.label(connection.uri))
    if len(ordered) > len(shown):
        runs.append((f" +{len(ordered) - len(shown)}", "dim"))
    return tuple(runs)


def header_runs(session: Session, crumbs: str, width: int, glyphs: Glyphs, host_spark: bytes) -> Runs:
    """The header in `width` cells. `crumbs` say where one is when only one pane is shown."""
    full = width >= _FULL_WIDTH
    brand: Runs = (
        (" CloneBox", "title"),
        (f" {glyphs.arrow} {crumbs}" if crumbs else "", "text"),
        ("  ", "text"),
    )
    if session.worker_lost_at is not None:
        counts = _count_runs(session)
        right = counts if full else (*counts[:1], (" ", "text"))
        return justify((*brand, *_worker_runs(session, glyphs)), right, width)
    right = _count_runs(session)
    links = (*_far_runs(session), *_connections(session, glyphs, full))
    if not full and any(each.link is not Link.UP for each in session.connections.values()):
        # What is wrong, and when it is tried again, goes before how many machines there were.
        right = (*right[:1], (" ", "text"))
    if (
        crumbs
        and session.any_up
        and not full
        and all(c.link is Link.UP for c in session.connections.values())
    ):
        # Where one is matters more here than the name of a host that is well.
        links = _far_runs(session)
    left = (*brand, *links)
    host = _host_runs(session.host, host_spark, glyphs, full)
    if host and width_of(left) + width_of(host) + width_of(right) + 6 <= width:
        left = (*left, ("    ", "text"), *host)
    return justify(left, right, width)
