"""Which panes are on screen: all of them with room, one at a time without, one alone when zoomed."""

from typing import TYPE_CHECKING

from textual.geometry import Size

from clonebox_tui.tui.styles import furniture_stylesheet
from clonebox_tui.tui.widgets.frames import Across, Down

if TYPE_CHECKING:
    from clonebox_tui.tui.screens.cockpit import Cockpit

PANES = ("machines", "details", "snapshots", "log")
_CRUMBS = {"machines": "", "details": "graphs", "snapshots": "snapshots", "log": "log"}

LEAST = Size(60, 15)
"""Below this nothing sensible can be drawn."""

_ALL = Size(100, 26)
"""From here all panes fit at once."""


class PaneLayout:
    """Sets classes on the cockpit: `-single` (one pane), `-show-PANE`, `-tiny` (no room at all)."""

    def __init__(self, cockpit: "Cockpit") -> None:
        self._cockpit = cockpit
        self.pane = "machines"
        self.narrow = False
        self.zoomed = False
        self.furnished = False
        self._wished = ""

    @property
    def single(self) -> bool:
        """Whether one pane has the screen for itself."""
        return self.narrow or self.zoomed

    @property
    def crumbs(self) -> str:
        """Where one is, when that cannot be seen: `web-dev › log`."""
        if not self.single or self.pane == "machines":
            return ""
        machine = self._cockpit.session.machine
        arrow = self._cockpit.glyphs.arrow
        return f"{machine.name} {arrow} {_CRUMBS[self.pane]}" if machine else _CRUMBS[self.pane]

    def resized(self, size: Size) -> None:
        """The terminal has this size now."""
        narrow = size.width < _ALL.width or size.height < _ALL.height
        self._cockpit.set_class(size.width < LEAST.width or size.height < LEAST.height, "-tiny")
        if narrow is not self.narrow:
            self.narrow = narrow
            self._apply()

    def focus_pane(self, pane: str) -> None:
        """Go to a pane; a key may come before it is there."""
        found = self._cockpit.query(f"#{pane}")
        self._wished = "" if found else pane
        if found:
            found.first().focus()
            self.entered(pane)

    async def furnish(self) -> None:
        """Put the other panes beside the list, once; a key may have asked for one already."""
        if self.furnished:
            return
        self.furnished = True
        from clonebox_tui.tui.widgets.too_small import TooSmall

        cockpit = self._cockpit
        cockpit.app.stylesheet.add_source(furniture_stylesheet(), ("furniture.tcss", ""))
        lower = Across(cockpit.snapshot_tree, cockpit.log_tail, id="lower")
        await cockpit.query_one("#body").mount(Down(cockpit.details, lower, id="right"))
        await cockpit.mount(TooSmall())
        if self._wished:
            self.focus_pane(self._wished)

    def entered(self, pane: str) -> None:
        """The focus went to a pane, by key or by mouse."""
        if pane != self.pane:
            self.pane = pane
            self._apply()

    def cycle(self, step: int) -> None:
        """The next or previous pane."""
        self.focus_pane(PANES[(PANES.index(self.pane) + step) % len(PANES)])

    def toggle_zoom(self) -> None:
        """The pane alone, and back."""
        self.zoomed = not self.zoomed
        self._apply()

    def back(self) -> bool:
        """Out of a pane, towards the list of machines; tells whether there was somewhere to go."""
        if self.zoomed and not self.narrow:
            self.toggle_zoom()
            return True
        if self.pane != "machines":
            self.focus_pane("machines")
            return True
        return False

    def _apply(self) -> None:
        self._cockpit.set_class(self.single, "-single")
        for pane in PANES:
            self._cockpit.set_class(self.single and pane == self.pane, f"-show-{pane}")
        self._cockpit.update_bars()
