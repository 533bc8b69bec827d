"""Everything about the selected machine that has to be asked for; a later selection ends an earlier one."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING

from clonebox_tui.model.log import ALL, is_provided
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.rpc import (
    FOLLOW_LOG,
    HISTORY,
    SHOW,
    SNAPSHOTS,
    FollowLog,
    HistoryWanted,
    OnMachine,
    Watch,
)
from clonebox_tui.tui.session import Session

if TYPE_CHECKING:
    from clonebox_tui.tui.widgets.log_tail import LogTail

_LOG_LINES = 500
_QUIET = frozenset({Code.WORKER_UNAVAILABLE, Code.CONNECTION_LOST, Code.MACHINE_NOT_FOUND})
"""Problems that the header or the list shows already."""


def _first(sources: Sequence[str]) -> tuple[str, ...]:
    """The log that is read where none was chosen, if there is one."""
    return tuple(filter(is_provided, sources))[:1]


class Following:
    """`follow` is a task that lasts as long as the machine is selected; cancel it to look elsewhere."""

    def __init__(self, session: Session, log: "LogTail", changed: Callable[[], None]) -> None:
        self._session = session
        self._log = log
        self._changed = changed
        self._machine_changed = asyncio.Event()
        self.sources: dict[str, tuple[str, ...]] = {}
        """Logs that were chosen, by machine; the first one it has where none was."""

    async def follow(self, machine: str) -> None:
        """Ask for details, history and snapshots at once, then stay with the log."""
        self._log.clear_log("Log", "")
        if not machine or self._session.wire is None:
            return
        asked = (self._watch(machine), self._show(machine), self._history(machine), self._snapshots(machine))
        async with asyncio.TaskGroup() as group:
            for each in asked:
                group.create_task(self._quietly(each))
            group.create_task(self._stay_with_log(machine))

    async def refresh_details(self, machine: str) -> None:
        """Ask again what a machine is: its state or its disks changed."""
        self._machine_changed.set()
        await self._quietly(self._show(machine))

    async def _quietly(self, ask: Coroutine[object, object, None]) -> None:
        try:
            await ask
        except ProblemError:
            # What cannot be had stays empty: the panes say so, and asking was not a person's act.
            return
        self._changed()

    async def _watch(self, machine: str) -> None:
        if self._session.wire is not None:
            await self._session.wire.watch(Watch(samples=True, detail=(machine,)))

    async def _show(self, machine: str) -> None:
        details = self._session.details[machine] = await self._session.call(SHOW, OnMachine(machine))
        self._log.name_source("+".join(self.sources.get(machine, _first(details.log_sources))))

    async def _history(self, machine: str) -> None:
        self._session.take_series(await self._session.call(HISTORY, HistoryWanted(machine)))

    async def _snapshots(self, machine: str) -> None:
        answer = await self._session.call(SNAPSHOTS, OnMachine(machine))
        self._session.snapshots[machine] = answer.snapshots

    async def _stay_with_log(self, machine: str) -> None:
        """A log that was not there is looked for again when the machine changes: it begins with a start."""
        self._machine_changed.clear()
        while not await self._follow_log(machine):
            await self._machine_changed.wait()
            self._machine_changed.clear()
            self._log.clear_log(self._log.title)

    async def _follow_log(self, machine: str) -> bool:
        """Whether it came to its end, or need not be asked for again."""
        sources = self.sources.get(machine, ())
        several = len(sources) > 1 or ALL in sources
        try:
            wanted = FollowLog(machine, lines=_LOG_LINES, sources=sources, lossy=True)
            stream = await self._session.open(FOLLOW_LOG, wanted)
        except ProblemError as error:
            self._log.clear_log("Log", "" if error.problem.code in _QUIET else error.problem.what)
            return error.problem.code in _QUIET
        try:
            self._log.note = "no line yet"
            async for chunk in stream:
                self._log.add(
                    f"{line.source}: {line.text}" if several and line.source else line.text
                    for line in chunk.lines
                )
        except ProblemError as error:
            if error.problem.code in _QUIET:
                return True
            self._log.add((error.problem.what, *filter(None, (error.problem.why, error.problem.next))))
            return False
        finally:
            stream.close()
        return True
