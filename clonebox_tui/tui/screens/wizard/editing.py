"""The step in which the machine is described: every field validated as it is typed, by the worker too."""

from typing import TYPE_CHECKING

from clonebox_tui.model.acts import CloneMachine
from clonebox_tui.model.rpc import CHECK_WISH, PLAN, RENDER, CheckWish, PlanAct, RenderConfig
from clonebox_tui.tui.screens.wizard.form import wish_of
from clonebox_tui.tui.screens.wizard.panes import HowPane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.timer import Timer

    from clonebox_tui.tui.screens.wizard.screen import WizardScreen

_AFTER_SECONDS = 0.15
_PLAN_STEP = 3


def by_field(faults: "Mapping[str, str]") -> dict[str, str]:
    """Faults of `shares.0.host` or `ports[1]` belong to the field `shares`, `ports`; the first of each."""
    fields: dict[str, str] = {}
    for path, text in faults.items():
        fields.setdefault(path.partition(".")[0].partition("[")[0], text)
    return fields


class Editing:
    """What happens while the form is open."""

    def __init__(self, screen: "WizardScreen") -> None:
        self._screen = screen
        self._errors: dict[str, str] = {}
        self._timer: Timer | None = None

    def begin(self) -> None:
        """The form has opened."""
        self._screen.work(self._check, "check")

    def edited(self) -> None:
        """Something was typed: look at it when the typing pauses."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._screen.set_timer(_AFTER_SECONDS, lambda: self._screen.work(self._check, "check"))

    def keep(self) -> dict[str, str]:
        """Take what stands in the form into the draft; what means nothing is answered, by field."""
        pane, draft = self._screen.pane, self._screen.draft
        if not isinstance(pane, HowPane) or draft.wish is None:
            return {}
        draft.wish, misread = wish_of(pane.texts, draft.wish)
        return misread

    def end(self) -> None:
        """The form is left: what was asked about it counts no more."""
        if self._timer is not None:
            self._timer.stop()
        self._screen.workers.cancel_group(self._screen, "wizard-check")

    async def _check(self) -> None:
        pane, misread = self._screen.pane, self.keep()
        wish = self._screen.draft.wish
        if not isinstance(pane, HowPane) or wish is None:
            return
        answer = await self._screen.session.call(CHECK_WISH, CheckWish(wish, self._screen.connection))
        self._errors = {**by_field(answer.errors), **misread}
        if self._screen.pane is pane:
            pane.show_faults(self._errors, by_field(answer.warnings))

    async def take(self) -> None:
        """On to the plan, where nothing stands in the way."""
        await self._check()
        pane = self._screen.pane
        if self._errors and isinstance(pane, HowPane):
            pane.focus_fault(self._errors)
            return
        await self.plan()

    async def plan(self) -> None:
        """Ask for the file's text and the plan, and show them."""
        screen, draft = self._screen, self._screen.draft
        assert draft.wish is not None and draft.prepared is not None  # noqa: S101, PT018 steps before made them
        if draft.prepared.existing:
            draft.config_text = ""
        else:
            wanted = RenderConfig(draft.wish, draft.chosen)
            draft.config_text = (await screen.session.call(RENDER, wanted)).text
        draft.plan = await screen.session.call(PLAN, PlanAct(self.act))
        screen.show(_PLAN_STEP)

    @property
    def act(self) -> CloneMachine:
        """The clone that the draft describes."""
        draft = self._screen.draft
        assert draft.wish is not None and draft.prepared is not None  # noqa: S101, PT018 as above
        connection = draft.prepared.connection or self._screen.connection
        return CloneMachine(connection, draft.wish, draft.prepared.directory, draft.config_text)
