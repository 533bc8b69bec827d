"""Run commands in guests: a line with history, the output as it streams, how it ended."""

import asyncio
import shlex
import time
from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label

from clonebox_tui.model.grouped import Outcome, grouped
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.rpc import EXECUTE, Execute
from clonebox_tui.tui.presentation.amounts import plural
from clonebox_tui.tui.presentation.output import OutputLines, ending_runs, group_lines
from clonebox_tui.tui.presentation.problem_text import problem_lines
from clonebox_tui.tui.presentation.runs import clean, fit
from clonebox_tui.tui.screens.full_screen import FullScreen, TitleBar
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.text_view import MOST_LINES, TextView

_HISTORY: dict[str, list[str]] = {}
"""Commands typed in this run of the program, by machine (empty: on several); never on disk, for secrets."""

_LIMITS = (0.0, 10.0, 60.0, 600.0)
"""Seconds after which a command is killed in the guest; 0: never."""

_AT_ONCE = 8

_NAMED_CELLS = 40
"""Several machines are named above where their names take no more; else they are counted."""

stopwatch = time.monotonic
"""Seconds, from which the time of a command is read."""


class ExecuteScreen(FullScreen):
    """Esc stops the running command, as ctrl+c does; with none running it leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop_or_leave", "stop, back", show=False, priority=True),
        Binding("ctrl+c", "stop", "stop", show=False),
        Binding("up", "recall(-1)", "earlier", show=False),
        Binding("down", "recall(1)", "later", show=False),
        Binding("ctrl+o", "next_limit", "time limit", show=False, priority=True),
        Binding("pageup,ctrl+u", "scroll(-1)", "output up", show=False, priority=True),
        Binding("pagedown,ctrl+d", "scroll(1)", "output down", show=False, priority=True),
    ]

    def __init__(self, session: Session, machines: Sequence[Machine]) -> None:
        super().__init__()
        self._session = session
        self._machines = tuple(sorted(machines, key=lambda machine: machine.name))
        self._limit = 0
        self._history = _HISTORY.setdefault(machines[0].id if len(machines) == 1 else "", [])
        self._recalled = len(self._history)
        self._command: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        """Output above, the line below."""
        yield TitleBar(self._where(), "exec")
        yield TextView((), id="output")
        with Horizontal(id="execute-line"):
            yield Label("$", id="execute-mark")
            yield Input(
                id="command", compact=True, placeholder="a command for the guest; sh -c '…' for a shell line"
            )
        yield KeyBar(self._hints)

    def _where(self) -> str:
        names = ", ".join(machine.name for machine in self._machines)
        many = len(self._machines) > 1 and cell_len(names) > _NAMED_CELLS
        return plural(len(self._machines), "machine") if many else names

    def on_mount(self) -> None:
        """One types at once."""
        self.query_one("#output", TextView).border_title = "Output"
        self.query_one("#command").focus()

    def _hints(self) -> list[tuple[str, str]]:
        escape = "stop the command" if self._command else "back"
        limit = f"limit {_LIMITS[self._limit]:g} s" if self._limit else "no time limit"
        return [
            ("enter", "run"),
            ("↑ ↓", "history"),
            ("pgup pgdn", "scroll"),
            ("ctrl+o", limit),
            ("esc", escape),
        ]

    @on(Input.Submitted, "#command")
    def _submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text or self._command is not None:
            return
        output = self.query_one("#output", TextView)
        try:
            argv = tuple(shlex.split(text))
        except ValueError as error:
            output.add([((f"not a command line: {error}", "bad"),)])
            return
        if not self._history or self._history[-1] != text:
            self._history.append(text)
        self._recalled = len(self._history)
        event.input.value = ""
        output.add([(("$ ", "dim"), (text, "strong"))])
        output.scroll_end(animate=False, immediate=True)
        self._command = asyncio.create_task(
            self._run(argv) if len(self._machines) == 1 else self._run_on_all(argv)
        )
        self.query_one(KeyBar).update_lines()

    async def _run(self, argv: tuple[str, ...]) -> None:
        output, lines, began = self.query_one("#output", TextView), OutputLines(), stopwatch()
        try:
            stream = await self._session.open(
                EXECUTE, Execute(self._machines[0].id, argv, _LIMITS[self._limit])
            )
            try:
                async for chunk in stream:
                    output.add(lines.take(chunk.stdout, chunk.stderr))
                    if chunk.end:
                        output.add([*lines.rest(), ending_runs(chunk, stopwatch() - began)])
            finally:
                stream.close()
        except ProblemError as error:
            output.add(problem_lines(error.problem))
        except asyncio.CancelledError:
            output.add([*lines.rest(), (("stopped", "warn"),)])
        finally:
            self._command = None
            if self.is_attached:
                self.query_one(KeyBar).update_lines()

    async def _run_on_all(self, argv: tuple[str, ...]) -> None:
        output, turn = self.query_one("#output", TextView), asyncio.Semaphore(_AT_ONCE)
        longest = max(cell_len(clean(machine.name)) for machine in self._machines)

        async def one(machine: Machine) -> Outcome:
            async with turn:
                outcome = await self._outcome(machine, argv)
            name = fit(clean(machine.name), longest)
            output.add([((f"  {name}  ", "dim"), (outcome.badge, "ok" if outcome.succeeded else "bad"))])
            return outcome

        try:
            outcomes = await asyncio.gather(*map(one, self._machines))
            groups = grouped(outcomes)
            for group in groups:
                output.add(group_lines(group, MOST_LINES // len(groups)))
        except asyncio.CancelledError:
            output.add([(("stopped", "warn"),)])
        finally:
            self._command = None
            if self.is_attached:
                self.query_one(KeyBar).update_lines()

    async def _outcome(self, machine: Machine, argv: tuple[str, ...]) -> Outcome:
        outcome = Outcome(machine.name)
        try:
            stream = await self._session.open(EXECUTE, Execute(machine.id, argv, _LIMITS[self._limit]))
            try:
                async for chunk in stream:
                    outcome.take(chunk)
            finally:
                stream.close()
        except ProblemError as error:
            outcome.problem = error.problem
        return outcome

    def action_next_limit(self) -> None:
        """After how long the next command is killed."""
        self._limit = (self._limit + 1) % len(_LIMITS)
        self.query_one(KeyBar).update_lines()

    def action_stop_or_leave(self) -> None:
        """Stop what runs; with nothing running, leave."""
        if self._command is not None:
            self._command.cancel()
        else:
            self.action_leave()

    def action_stop(self) -> None:
        """Stop what runs."""
        if self._command is None:
            raise SkipAction
        self._command.cancel()

    def on_unmount(self) -> None:
        """Nothing runs on unseen."""
        if self._command is not None:
            self._command.cancel()

    def action_recall(self, step: int) -> None:
        """An earlier or later command."""
        self._recalled = max(0, min(len(self._history), self._recalled + step))
        line = self.query_one("#command", Input)
        line.value = self._history[self._recalled] if self._recalled < len(self._history) else ""
        line.cursor_position = len(line.value)

    def action_scroll(self, direction: int) -> None:
        """Half a page of output."""
        self.query_one("#output", TextView).action_page(direction)
