"""The lines above and below the panes: header, jobs, and the keys that apply."""

from collections.abc import Callable, Sequence

from clonebox_tui.model.job import Job
from clonebox_tui.model.sample import Reading
from clonebox_tui.tui.history import Sparks
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.header_line import header_runs
from clonebox_tui.tui.presentation.job_line import ended_runs, running_runs
from clonebox_tui.tui.presentation.runs import Run, Runs, width_of
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.lines import Lines

ENDED_SHOWN_SECONDS = 10.0
"""How long the line about an ended job stays."""


class HeaderBar(Lines):
    """Host, load, counts, and the state of the connection."""

    GROUND = "panel"

    def __init__(self, session: Session, glyphs: Glyphs, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._glyphs = glyphs
        self.crumbs = ""
        self._host_sparks = Sparks()

    def take_hosts(self) -> None:
        """A tick: the hosts' figures are new."""
        hosts = self._session.hosts.values()
        self._host_sparks.tick(Reading(host.connection, host.cpu_percent) for host in hosts)

    def lines(self, width: int, height: int) -> Sequence[Runs]:
        """One line."""
        del height
        host = self._session.host
        spark = self._host_sparks.of(host.connection) if host else b""
        return [header_runs(self._session, self.crumbs, width, self._glyphs, spark)]


class JobBar(Lines):
    """The running job, or for a while the one that ended last."""

    def __init__(self, session: Session, glyphs: Glyphs, id: str) -> None:
        super().__init__(id=id)
        self._session = session
        self._glyphs = glyphs
        self._ended: Job | None = None

    def tell_ended(self, job: Job) -> None:
        """A job has just ended."""
        self._ended = job
        self.update_lines()
        self.set_timer(ENDED_SHOWN_SECONDS, lambda: self._forget(job))

    def _forget(self, job: Job) -> None:
        if self._ended is job:
            self._ended = None
            self.update_lines()

    def lines(self, width: int, height: int) -> Sequence[Runs]:
        """One line, empty while nothing runs."""
        del width, height
        live = self._session.live_jobs
        if live:
            return [running_runs(live, self._glyphs)]
        return [ended_runs(self._ended, self._glyphs)] if self._ended else [()]


KeyHint = tuple[str, str]
"""A key as shown, and what it does."""


class KeyBar(Lines):
    """As many keys as fit, the most wanted first, the last one always there."""

    GROUND = "panel"

    def __init__(self, hints: Callable[[], Sequence[KeyHint]], id: str | None = None) -> None:
        super().__init__(id=id, classes="key-bar")
        self._hints = hints

    def lines(self, width: int, height: int) -> Sequence[Runs]:
        """One line."""
        del height
        *hints, last = self._hints()
        end = self._hint(last)
        runs: list[Run] = []
        for hint in hints:
            more = self._hint(hint)
            if width_of(tuple(runs)) + width_of(more) + width_of(end) > width:
                break
            runs += more
        return [(*runs, *end)]

    @staticmethod
    def _hint(hint: KeyHint) -> Runs:
        key, title = hint
        return ((f" {key}", "key"), (f" {title} ", "dim"))
