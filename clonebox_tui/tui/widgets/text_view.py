"""Scrollable lines of runs, long ones folded: plans, problems, facts, logs of jobs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from clonebox_tui.tui.presentation.folding import fold
from clonebox_tui.tui.presentation.glyphs import UNICODE
from clonebox_tui.tui.presentation.inks import inks
from clonebox_tui.tui.presentation.runs import Runs
from clonebox_tui.tui.widgets.strips import strip_of

if TYPE_CHECKING:
    from rich.style import Style


MOST_LINES = 400_000
"""Kept of what is added line by line; then the older half goes. They take 70 MiB, and hold `seq 300000`."""

_LEFT_OUT: Runs = (("… what came before was left out", "dim"),)


class TextView(ScrollView, can_focus=True):
    """As tall as its lines, up to what the stylesheet allows; `put` replaces them, `add` appends."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("g,home", "scroll(-1000000)", "begin", show=False),
        Binding("G,end", "scroll(1000000)", "end", show=False),
        Binding("ctrl+d,pagedown", "page(1)", "half a page down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "half a page up", show=False),
    ]

    def __init__(
        self,
        lines: Iterable[Runs] = (),
        id: str | None = None,
        classes: str | None = None,
        ground: str = "background",
        hanging: int = 0,
    ) -> None:
        """`hanging`: the cell at which the rest of a folded line begins."""
        super().__init__(id=id, classes=classes)
        self._lines = list(lines)
        self._folded: list[Runs] = []
        self._width = 0
        self._at_end = True
        self._follows = False
        self._hanging = hanging
        self._ground = ground
        self._styles: dict[str, Style] | None = None

    def put(self, lines: Iterable[Runs]) -> None:
        """Other lines altogether; the place scrolled to is kept."""
        new = list(lines)
        if new != self._lines:
            self._lines = new
            self._fold()

    def add(self, lines: Iterable[Runs]) -> None:
        """More lines at the end, which stays in view; who reads further up is left there."""
        new, self._follows = list(lines), self._at_end
        self._lines += new
        if len(self._lines) > MOST_LINES:
            self._lines = [_LEFT_OUT, *self._lines[-MOST_LINES // 2 :]]
            self._fold()
        else:
            self._folded += self._pieces(new)
            self._show(self._folded)
        if self._follows:
            self.scroll_end(animate=False, immediate=True, force=True)

    @property
    def plain_text(self) -> str:
        """Everything, without colours."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines, folded at this width, as far as the stylesheet lets them be seen at once."""
        height = sum(len(fold(line, max(1, width), self._hanging)) for line in self._lines)
        most = self.styles.max_height
        # What holds this would otherwise make room for all of them.
        return height if most is None else min(height, int(most.resolve(container, viewport)))

    def on_resize(self) -> None:
        """Fold anew; an end that was followed stays in view."""
        self._fold()
        if self._follows and self._at_end:
            self.scroll_end(animate=False, immediate=True, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whether a person reads further up is known by where they went, not by how large the terminal is."""
        super().watch_scroll_y(old_value, new_value)
        self._at_end = self.is_vertical_scroll_end

    def watch_show_vertical_scrollbar(self) -> None:
        """It takes cells from the lines."""
        if self.is_mounted and self.scrollable_content_region.width != self._width:
            self._fold()

    def _fold(self) -> None:
        self._width = max(1, self.scrollable_content_region.width)
        self._show(self._pieces(self._lines))

    def _pieces(self, lines: Iterable[Runs]) -> list[Runs]:
        return [part for line in lines for part in fold(line, max(1, self._width), self._hanging)]

    def _show(self, folded: list[Runs]) -> None:
        self._folded = folded
        self.virtual_size = Size(0, len(self._folded))
        self.refresh(layout=self.styles.height is not None and self.styles.height.is_auto)

    def action_scroll(self, lines: int) -> None:
        """So many lines."""
        self.scroll_relative(y=lines, animate=False)

    def action_page(self, direction: int) -> None:
        """Half a page."""
        self.scroll_relative(y=direction * max(1, self.size.height // 2), animate=False)

    def notify_style_update(self) -> None:
        """Theme changed."""
        self._styles = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        if self._styles is None:
            self._styles = inks(self.app.theme_variables, self._ground)
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        runs = self._folded[index] if index < len(self._folded) else ()
        return strip_of(runs, width, self._styles, getattr(self.app, "glyphs", UNICODE).ascii)
