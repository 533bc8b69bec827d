"""The wizard's screen: goes from step to step and asks the worker; answers that come late are dropped."""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Input

from clonebox_tui.client import here
from clonebox_tui.model.acts import CloneMachine
from clonebox_tui.model.connection import Link
from clonebox_tui.model.environment import DetectedItem
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.rpc import (
    DETECT,
    FIX,
    PREPARE,
    SURVEY,
    Detect,
    Fix,
    OnConnection,
    PrepareClone,
    Prepared,
)
from clonebox_tui.tui.screens.full_screen import FullScreen
from clonebox_tui.tui.screens.wizard.building import Building
from clonebox_tui.tui.screens.wizard.crumbs import Crumbs
from clonebox_tui.tui.screens.wizard.editing import Editing
from clonebox_tui.tui.screens.wizard.panes import BuildPane, HowPane, Pane, PlanPane, WhatPane, WherePane
from clonebox_tui.tui.screens.wizard.state import Draft
from clonebox_tui.tui.session import Changes, Session
from clonebox_tui.tui.styles import stylesheet
from clonebox_tui.tui.widgets.bars import KeyBar
from clonebox_tui.tui.widgets.row_view import RowView

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.worker import Worker

    from clonebox_tui.tui.face import Face

_PANES: tuple[type[Pane], ...] = (WherePane, WhatPane, HowPane, PlanPane, BuildPane)
WHERE, WHAT, HOW, PLAN_STEP, BUILD = range(5)


def _absolute(folder: str, home: str) -> str:
    """The folder as the worker, which lives elsewhere, must be told it; `home` over there, if it is far."""
    if home:
        return str(Path(home) / folder.removeprefix("~").lstrip("/" if folder.startswith("~") else ""))
    return str(Path(folder or ".").expanduser().absolute())


class WizardScreen(FullScreen):
    """Esc goes a step back; from the first it leaves, and what was entered is kept."""

    CSS = FullScreen.CSS + stylesheet("screens/wizard.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 Textual declares it per instance
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", show=False, priority=True),
        Binding("enter", "next", "next", show=False),
        Binding("ctrl+n", "next", "next", show=False, priority=True),
        Binding("f", "fix", "fix", show=False),
        Binding("c", "cancel_job", "cancel", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        draft = session.draft
        self.draft = (
            draft
            if isinstance(draft, Draft) and draft.step != BUILD
            else Draft(session.where.home or str(Path.cwd()))
        )
        session.draft = self.draft
        self.pane: Pane | None = None
        """The step on screen, once all of it is there."""
        self._editing = Editing(self)
        self._building = Building(self)

    @property
    def face(self) -> "Face":
        """The app, by its own type."""
        from clonebox_tui.tui.face import Face

        assert isinstance(self.app, Face)  # noqa: S101 only the face pushes this screen
        return self.app

    def compose(self) -> ComposeResult:
        """Steps above, the pane, keys below."""
        yield Crumbs(self.draft)
        yield Container(id="wizard-body")
        yield KeyBar(self._hints)

    async def on_mount(self) -> None:
        """Begin, or go on where the draft was left."""
        await self._show(self.draft.step, None)
        if self.draft.survey is None:
            self.work(self._survey, "survey")

    @property
    def connection(self) -> str:
        """Where the machine will be made: the first connection that is up."""
        up = (each.uri for each in self.session.connections.values() if each.link is Link.UP)
        return min(up, key=is_remote, default="")

    def show(self, step: int) -> None:
        """Go to a step, once what this screen is doing is done; dropped if another one is shown by then."""
        self.call_later(self._show, step, self.pane)

    async def _show(self, step: int, instead_of: Pane | None) -> None:
        # Only as a message of this screen's own: what else changes the step waits for the end of it.
        if self.pane is not instead_of or self not in self.app.screen_stack:
            return
        self._editing.end()
        self.workers.cancel_group(self, "wizard-next")
        self.pane = None
        self.draft.step = step
        body = self.query_one("#wizard-body")
        await body.remove_children()
        pane = _PANES[step](self.draft, self.face.glyphs)
        await body.mount(pane)
        if not pane.children:
            return  # The program ends, or the screen was left from elsewhere: it is given no more children.
        self.pane, pane.shown_at = pane, monotonic()
        pane.first().focus()
        for bar in (*self.query(Crumbs), *self.query(KeyBar)):
            bar.update_lines()
        if step == WHAT and not self.draft.items:
            self.work(self._detect, "detect")
        elif step == HOW:
            self._editing.begin()
        elif step == BUILD:
            self._building.begin()

    def work(self, task: "Callable[[], Awaitable[None]]", group: str) -> None:
        """Run a task of this screen; a newer one of the same group replaces it. Failures are told."""

        async def guarded() -> None:
            try:
                await task()
            except ProblemError as error:
                self.face.tell_problem(error.problem)

        # Not `guarded()`: one that is replaced before it begins would be a coroutine that nobody awaited.
        _: Worker[None] = self.run_worker(guarded, group=f"wizard-{group}", exclusive=True)

    def renew_keys(self) -> None:
        """Other keys may apply."""
        for bar in self.query(KeyBar):
            bar.update_lines()

    def on_descendant_focus(self) -> None:
        """A field takes letters, other panes keys."""
        self.renew_keys()

    @property
    def act(self) -> CloneMachine:
        """The clone that the draft describes."""
        return self._editing.act

    def _hints(self) -> "Sequence[tuple[str, str]]":
        if self.draft.step == BUILD:
            return self._building.hints
        hints = _PANES[self.draft.step].hints
        may_fix = self.draft.may_fix and not isinstance(self.focused, Input)  # there f is typed
        return hints if may_fix else [hint for hint in hints if hint[1] != "fix"]

    # -- keys --------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """A step back, or away."""
        self.call_later(self._back)

    async def _back(self) -> None:
        pane = self.pane
        if self._building.beginning or (isinstance(pane, WhatPane) and pane.drop_filter()):
            return
        if self.draft.step in (WHERE, BUILD):
            self._leave()
            return
        self._editing.keep()
        existing = self.draft.prepared is not None and self.draft.prepared.existing
        await self._show(WHERE if self.draft.step == PLAN_STEP and existing else self.draft.step - 1, pane)

    def _leave(self) -> None:
        """Back to the cockpit; the draft stays, a running build goes on."""
        if not self.is_current:
            return
        if self.draft.step == BUILD:
            self.session.draft = None
            self._building.choose_machine()
        self.dismiss(None)

    def action_next(self) -> None:
        """Take this step and go to the next."""
        self.call_later(self._next, self.pane, self.face.typed_at)

    def _next(self, seen: Pane | None, typed_at: float) -> None:
        if self.draft.step == BUILD:
            if self._building.ended:
                self._leave()
        elif self.draft.step == PLAN_STEP:
            # Enter that was typed before the plan stood there is no yes to it, even if its turn came later.
            if seen is not None and seen is self.pane and typed_at > seen.shown_at:
                self._building.take()
        else:
            steps = {WHERE: self._take_where, WHAT: self._take_what, HOW: self._editing.take}
            self.work(steps[self.draft.step], "next")

    @on(Input.Submitted)
    @on(RowView.Chosen)
    def _entered(self) -> None:
        self.action_next()

    @on(HowPane.Edited)
    def _edited(self) -> None:
        self._editing.edited()

    def action_fix(self) -> None:
        """Fix what can be fixed on this host."""
        if self.draft.step == WHERE and self.draft.may_fix:
            self.work(self._fix, "survey")

    def action_cancel_job(self) -> None:
        """Stop the build and undo it."""
        if self.draft.step == BUILD:
            self.work(self._building.cancel, "cancel")

    def heard(self, changes: Changes) -> None:
        """News came while this screen is open."""
        if changes.jobs and self.draft.step == BUILD:
            self._building.renew()

    # -- asking ------------------------------------------------------------------------------------

    async def _survey(self) -> None:
        try:
            self.draft.survey = await self.session.call(SURVEY, OnConnection(self.connection))
        except ProblemError as error:
            # Not in the way of the clone: it is said where the survey would stand.
            self.draft.survey_trouble = error.problem.what
        self._renew(WHERE)

    async def _fix(self) -> None:
        self.draft.survey = await self.session.call(FIX, Fix())
        self._renew(WHERE)

    async def _take_where(self) -> None:
        pane = self.pane
        if not isinstance(pane, WherePane):
            return
        self.draft.look_at(_absolute(pane.folder, self.session.where.home))
        try:
            prepared = await self.prepare(())
        except ProblemError as error:
            pane.tell_fault(error.problem)
            return
        if prepared.existing:
            self.draft.prepared, self.draft.wish = prepared, prepared.wish
            await self._editing.plan()
        else:
            self.show(WHAT)

    async def _detect(self) -> None:
        self.draft.detecting = True
        try:
            wanted = Detect(self.draft.directory, here())
            async for chunk in await self.session.open(DETECT, wanted):
                self.draft.items.update({item.id: item for item in chunk.items})
                if chunk.items:
                    self._renew(WHAT)
        finally:
            self.draft.detecting = False
        self._renew(WHAT)

    async def _take_what(self) -> None:
        chosen = self.draft.chosen
        if self.draft.prepared is None or self.draft.prepared_for != chosen:
            self.draft.prepared = await self.prepare(chosen)
            self.draft.prepared_for = chosen
            self.draft.wish = self.draft.prepared.wish
        self.show(HOW)

    async def prepare(self, items: tuple[DetectedItem, ...]) -> Prepared:
        """The wish these items make for the folder."""
        wanted = PrepareClone(self.draft.directory, here(), items, connection=self.connection)
        return await self.session.call(PREPARE, wanted)

    def _renew(self, step: int) -> None:
        if self.pane is not None and self.draft.step == step:
            self.pane.renew()
            self.renew_keys()
