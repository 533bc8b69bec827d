"""The command palette's source: every action, with its key, and why it cannot be done now."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from textual import on
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.message import Message
from textual.widgets import Input, OptionList

from clonebox_tui.tui.action import Action
from clonebox_tui.tui.actions import ACTIONS
from clonebox_tui.tui.screens.cockpit import Cockpit
from clonebox_tui.tui.screens.left_once import LeftOnce
from clonebox_tui.tui.styles import stylesheet
from clonebox_tui.tui.theme_palette import ThemeProvider


class ActionProvider(Provider):
    """Found by any part of its title or its name."""

    @property
    def _cockpit(self) -> Cockpit | None:
        return next((screen for screen in self.app.screen_stack if isinstance(screen, Cockpit)), None)

    def _entry(self, cockpit: Cockpit, action: Action) -> tuple[Callable[[], None], str]:
        key = cockpit.keys().get(action.id) or f":{action.id}"
        reason = action.reason(cockpit.session)
        without = f" · clonebox-tui {action.headless}" if action.headless else ""
        said = f" — {reason}" if reason else without
        return partial(cockpit.run, action), f"{key}   {action.group}{said}"

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        cockpit = self._cockpit
        if cockpit is None:
            return
        for action in ACTIONS:
            run, help_text = self._entry(cockpit, action)
            yield DiscoveryHit(action.title, run, help=help_text)

    async def search(self, query: str) -> Hits:
        """Those that match what is typed."""
        cockpit, matcher = self._cockpit, self.matcher(query)
        if cockpit is None:
            return
        for action in ACTIONS:
            score = max(matcher.match(action.title), matcher.match(action.id))
            if score > 0:
                run, help_text = self._entry(cockpit, action)
                yield Hit(score, matcher.highlight(action.title), run, help=help_text)


class Everything(Provider):
    """Actions before themes: of several providers Textual takes any first."""

    def _parts(self) -> tuple[Provider, ...]:
        return ActionProvider(self.screen, self.match_style), ThemeProvider(self.screen, self.match_style)

    async def discover(self) -> Hits:
        """All of them."""
        for part in self._parts():
            async for hit in part.discover():
                yield hit

    async def search(self, query: str) -> Hits:
        """Those that match what is typed."""
        for part in self._parts():
            async for hit in part.search(query):
                yield hit


class Palette(CommandPalette, LeftOnce[None]):
    """Textual's palette over all of them, in our looks."""

    CSS = stylesheet("screens/palette.tcss")
    SCOPED_CSS = False

    def __init__(self) -> None:
        super().__init__(providers=[Everything])

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _chosen_once(self, event: Message) -> None:
        """The second of two Enters that came at once would run the action again."""
        if self.app.screen is not self:
            event.stop()
            event.prevent_default()

    def _action_command_list(self, action: str) -> None:
        # Textual pages through lines that it has not laid out yet.
        with suppress(KeyError):
            super()._action_command_list(action)
