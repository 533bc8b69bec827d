"""The wizard's first line: where one is among its steps."""

from typing import TYPE_CHECKING

from clonebox_tui.tui.screens.wizard.state import STEPS, Draft
from clonebox_tui.tui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clonebox_tui.tui.presentation.runs import Run, Runs


class Crumbs(Lines):
    """The steps, the present one marked."""

    GROUND = "panel"

    def __init__(self, draft: Draft) -> None:
        super().__init__(classes="title-bar")
        self._draft = draft

    def lines(self, width: int, height: int) -> "Sequence[Runs]":
        """One line."""
        del width, height
        runs: list[Run] = [(" CloneBox", "title"), (" › clone", "dim")]
        for number, name in enumerate(STEPS):
            ink = "key" if number == self._draft.step else "text" if number < self._draft.step else "dim"
            runs += [(" › ", "dim"), (f"{number + 1} {name}", ink)]
        return [tuple(runs)]
