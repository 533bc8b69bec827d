"""One or more fixed lines drawn from runs; repaints only lines that differ."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from clonebox_tui.tui.presentation.glyphs import UNICODE
from clonebox_tui.tui.presentation.inks import inks
from clonebox_tui.tui.presentation.runs import Runs
from clonebox_tui.tui.widgets.strips import strip_of

if TYPE_CHECKING:
    from rich.style import Style


class Lines(Widget):
    """Subclasses make their lines in `lines`, and call `update_lines` when something may have changed."""

    GROUND = "background"
    """Theme variable of the background."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: list[Runs] = []
        self._styles: dict[str, Style] | None = None

    def lines(self, width: int, height: int) -> Sequence[Runs]:
        """What stands in a content area of this size."""
        raise NotImplementedError

    def update_lines(self) -> None:
        """Draw those lines that differ from what is on screen."""
        width, height = self.content_size
        if not width or not height:
            return
        new = list(self.lines(width, height))[:height]
        new += [()] * (height - len(new))
        old, self._drawn = self._drawn, new
        if len(old) != len(new):
            self.refresh()
            return
        dirty = [
            Region(0, y, width, 1)
            for y, (before, after) in enumerate(zip(old, new, strict=True))
            if before != after
        ]
        if dirty:
            self.refresh(*dirty)

    def on_resize(self) -> None:
        """The room changed."""
        self.update_lines()

    def notify_style_update(self) -> None:
        """Theme or classes changed."""
        self._styles = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        width = self.content_size.width
        if self._styles is None:
            self._styles = inks(self.app.theme_variables, self.GROUND)
        runs = self._drawn[y] if y < len(self._drawn) else ()
        return strip_of(runs, width, self._styles, getattr(self.app, "glyphs", UNICODE).ascii)
