"""What full screens beside the cockpit share: a title line, panes, the keys that apply, esc to leave."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from clonebox_tui.tui.presentation.runs import Runs, clean
from clonebox_tui.tui.screens.left_once import LeftOnce
from clonebox_tui.tui.styles import stylesheet
from clonebox_tui.tui.widgets.lines import Lines


class FullScreen(LeftOnce[None]):
    """Subclasses yield a `TitleBar`, their panes and a `KeyBar`."""

    SCOPED_CSS = False
    CSS = stylesheet("screens/full_screens.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back", show=False),
        Binding("ctrl+t", "next_theme", "next theme", show=False),
        Binding("ctrl+l", "repaint", "repaint", show=False),
        Binding("ctrl+z", "suspend", "to the shell; fg comes back", show=False),
        Binding("question_mark", "help", "these keys", show=False),
    ]

    def action_leave(self) -> None:
        """Back to the cockpit."""
        self.dismiss(None)

    def action_next_theme(self) -> None:
        """Dark, light, high contrast, a person's own."""
        from clonebox_tui.tui.face import Face

        if isinstance(self.app, Face):
            self.app.next_theme()

    def action_help(self) -> None:
        """The keys that work here; where one types, the key is a letter."""
        from clonebox_tui.tui.key_lists import screen_keys
        from clonebox_tui.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(screen_keys(self)))

    def action_suspend(self) -> None:
        """To the shell, until its `fg`."""
        from clonebox_tui.tui.face import Face
        from clonebox_tui.tui.terminal_end import to_the_shell

        if isinstance(self.app, Face):
            to_the_shell(self.app)

    def action_repaint(self) -> None:
        """Draw everything again."""
        self.refresh(layout=True)


class TitleBar(Lines):
    """Breadcrumbs of a full screen."""

    GROUND = "panel"

    def __init__(self, *crumbs: str) -> None:
        super().__init__(classes="title-bar")
        self._crumbs = crumbs

    def set_crumbs(self, *crumbs: str) -> None:
        """Say anew where one is."""
        self._crumbs = crumbs
        self.update_lines()

    def lines(self, width: int, height: int) -> Sequence[Runs]:
        """One line."""
        del width, height
        rest: list[tuple[str, str]] = []
        for crumb in self._crumbs:
            rest += [(" › ", "dim"), (clean(crumb), "text")]
        return [((" CloneBox", "title"), *rest)]
