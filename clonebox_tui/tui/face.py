"""The Textual app: one session, one cockpit, and the link to the worker that feeds them."""

import asyncio
import os
import sys
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import Problem, ProblemError
from clonebox_tui.tui.breaking import IN_PART, problem_of, write_down
from clonebox_tui.tui.compositor import DifferenceApp
from clonebox_tui.tui.line import Line
from clonebox_tui.tui.linking import Linking
from clonebox_tui.tui.looks import Looks
from clonebox_tui.tui.notices import Notices, beginning, left_running
from clonebox_tui.tui.presentation.glyphs import Glyphs, glyphs_for
from clonebox_tui.tui.screens.cockpit import Cockpit
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.styles import cockpit_stylesheet
from clonebox_tui.tui.terminal_end import TerminalEnd, modes_now
from clonebox_tui.tui.themes import short
from clonebox_tui.tui.thrift import Thrift
from clonebox_tui.tui.trouble import show_trouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from clonebox_tui.tui.connecting import Connecting
    from clonebox_tui.tui.ended_jobs import EndedJobs
    from clonebox_tui.tui.wire import Wire

    ConnectWire = Callable[[], Awaitable[Wire]]


_LATEST_PAINT_SECONDS = 0.15
_THEMES_SECONDS = 1.0
"""A person who writes a theme sees what it looks like as soon as the file is saved."""


class Face(DifferenceApp):
    """`connect` reaches the worker; everything else follows from what it tells."""

    TITLE = "CloneBox"
    CSS = cockpit_stylesheet()
    BINDINGS: ClassVar[list[BindingType]] = []
    _themed = False

    def __init__(
        self,
        connect: "ConnectWire",
        session: Session | None = None,
        glyphs: Glyphs | None = None,
        shown: Problem | None = None,
        looks: Looks | None = None,
        notices: Notices | None = None,
        line: Line | None = None,
    ) -> None:
        """`shown`: why the cockpit before this one broke. `line` is asked for its speed."""
        super().__init__(line)
        self.broken: Exception | None = None
        self._shown = shown
        self._terminal_modes = modes_now()
        self.broken_log: Path | None = None
        self.session = session or Session()
        self.glyphs = glyphs or glyphs_for(os.environ)
        self.linking: Linking = Linking(self.session, connect, self._changed, self._link_changed)
        self.looks = looks or Looks()
        self.notices = notices or Notices()
        for theme in self.looks.themes:
            self.register_theme(theme)
        self._few_colours = self.console.color_system in ("standard", "windows")
        self._themed = True
        self.theme = self.looks.first(few_colours=self._few_colours)
        self.cockpit = Cockpit(self.session, self.glyphs)
        self.thrift = Thrift(self, slow=line is not None and line.slow)
        self._welcomed = False
        self._unpainted = ExitStack()
        if self.glyphs.ascii:
            from clonebox_tui.tui.ascii_driver import ascii_only

            self.driver_class = ascii_only(self.driver_class)
            self.add_class("-ascii")

    @cached_property
    def connecting(self) -> "Connecting":
        """What is done about connections: late, as the cockpit's other parts."""
        from clonebox_tui.tui.connecting import Connecting

        return Connecting(self)

    @cached_property
    def ended_jobs(self) -> "EndedJobs":
        """Who tells of them: late, too."""
        from clonebox_tui.tui.ended_jobs import EndedJobs

        return EndedJobs(self)

    def get_default_screen(self) -> Cockpit:
        """The cockpit."""
        return self.cockpit

    def refresh_css(self, animate: bool = True) -> None:
        """Before there is a screen the colours are only noted: the first parse would be for nothing."""
        if self._screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours; none while Textual is made, before a theme was chosen."""
        return super().get_css_variables() if self._themed else {}

    def action_command_palette(self) -> None:
        """Every action, found by typing parts of its title."""
        from clonebox_tui.tui.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def on_load(self) -> None:
        """Draw nothing yet: the machines are on their way, and one picture is cheaper than two."""
        self._unpainted.enter_context(self.batch_update())

    def on_mount(self) -> None:
        """Take what the worker has answered meanwhile; paint without it when it takes too long."""
        # Not before: only now is it known whether there is a terminal at all.
        self._heed_the_end()
        self.run_worker(self.linking.keep(), group="link")
        self.set_timer(_LATEST_PAINT_SECONDS, self.paint)
        if self._shown is not None:
            from clonebox_tui.tui.screens.problem import ProblemScreen

            self.push_screen(ProblemScreen("Showing the cockpit", self._shown))
        for problem in self.looks.problems:
            self.tell_problem(problem)
        self.set_interval(_THEMES_SECONDS, self._renew_themes)

    def paint(self) -> None:
        """Draw from now on."""
        # Who leaves at once has closed every screen before the timer asks for the first picture.
        if self._batch_count and self.screen_stack:
            self._unpainted.close()
            self.screen.refresh()
            self.cockpit.call_after_refresh(self.cockpit.furnish)

    # -- the end -----------------------------------------------------------------------------------

    def _heed_the_end(self) -> None:
        # A real terminal can go; tests have none.
        if not self.is_headless:
            loop = asyncio.get_running_loop()
            stdin = sys.__stdin__
            assert stdin is not None  # noqa: S101 the entry has seen that it is a terminal

            def leave(code: int) -> None:
                # A bare call would not wake the loop up.
                loop.call_soon_threadsafe(lambda: self.exit(return_code=code))

            TerminalEnd(stdin.fileno(), self._terminal_modes, leave).begin()
            loop.set_exception_handler(self._stray)

    def _stray(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """A task that nobody waited for broke: said and written down, the rest goes on."""
        error = context.get("exception")
        if isinstance(error, ProblemError):
            self.tell_problem(error.problem)
        elif isinstance(error, Exception) and self.broken_log is not None:
            write_down(error, self.broken_log)
            self.tell_problem(problem_of(error, self.broken_log, IN_PART))

    def _handle_exception(self, error: Exception) -> None:
        # Textual would leave with the traceback all over the terminal.
        if self.is_headless:
            super()._handle_exception(error)
            return
        self.broken = self.broken or getattr(error, "error", error)
        self._close_messages_no_wait()

    # -- news --------------------------------------------------------------------------------------

    def _changed(self, changes: Changes) -> None:
        if self.thrift.put_off(changes):
            return
        if self.cockpit.is_mounted:
            self.cockpit.changed(changes)
            self.welcome()
            show_trouble(self)
        if changes.ended:
            self.ended_jobs.tell(changes.ended)
        for screen in self.screen_stack:
            hear = getattr(screen, "heard", None)
            if hear is not None:
                hear(changes)

    def line_changed(self, slow: bool) -> None:
        """Leave out what a slow line cannot carry, or draw it again."""
        self.thrift.tell(slow)

    def _link_changed(self, back: bool) -> None:
        if self.cockpit.is_mounted:
            self.cockpit.link_changed(back)

    def welcome(self) -> None:
        """Ask about hosts that are new. Open the wizard once: when the list has come, is empty, and a
        connection is up."""
        session = self.session
        if any(each.problem is not None for each in session.connections.values()):
            self.connecting.ask_about_new_hosts()
        if (
            self._welcomed
            or not session.loaded
            or session.awaited
            or not (session.any_up or session.machines)
        ):
            return
        self._welcomed = True
        if not session.machines and not session.readonly:
            self.cockpit.acting.clone()

    # -- telling -----------------------------------------------------------------------------------

    def tell(self, what: str, more: str = "") -> None:
        """Something small and expected."""
        # Names of machines stand in it, which are anybody's.
        said = clean_text(more or what)
        self.notify(said, title=clean_text(what) if more else "", markup=False, timeout=6)

    def tell_problem(self, problem: Problem) -> None:
        """A small failure: what, why, what next."""
        parts = (problem.why, problem.next, *problem.details[:4])
        more = "\n".join(clean_text(part) for part in parts if part)
        self.notify(
            more or problem.what,
            title=problem.what if more else "",
            severity="error",
            markup=False,
            timeout=10,
        )

    def _handle_problem(self, error: ProblemError) -> None:
        self.tell_problem(error.problem)

    # -- the program -------------------------------------------------------------------------------

    def copy_visibly(self, text: str) -> None:
        """To the terminal's clipboard (OSC 52), and shown, since not every terminal listens."""
        self.copy_to_clipboard(text)
        if self.screen.is_modal:
            # A dialog is what was copied: it would be covered with its own words.
            self.tell("Copied (or select it here)")
            return
        self.notify(beginning(text), title="Copied (or select it here)", markup=False, timeout=6)

    def next_theme(self) -> None:
        """The next of all themes."""
        self.choose_theme(self.looks.next_after(self.theme))

    def choose_theme(self, theme: str) -> None:
        """At once, and for the next run too; what a poor terminal needs is not kept for better ones."""
        self.theme = theme
        self.tell(f"Theme: {short(theme)}")
        if not self._few_colours:
            try:
                self.looks.keep(theme)
            except ProblemError as error:
                self.tell_problem(error.problem)

    def _renew_themes(self) -> None:
        fresh = self.looks.renew()
        if fresh is None:
            return
        before = self.current_theme
        for theme in self.looks.themes:
            self.register_theme(theme)
        if self.current_theme != before:
            self.refresh_css(animate=False)
        for problem in fresh:
            self.tell_problem(problem)

    def repaint(self) -> None:
        """Draw everything again, whatever the terminal shows."""
        self.forget_terminal()
        self.screen.refresh(layout=True)
        self.refresh()

    def leave(self) -> None:
        """Quit; what runs goes on in the worker, which is said once the terminal is back."""
        self.exit(message=left_running(len(self.session.live_jobs)))
