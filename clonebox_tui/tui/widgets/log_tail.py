"""The tail of a log: follows, holds still while one reads, counts what came, searches."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from clonebox_tui.model.filtering import Accepts, compile_filter
from clonebox_tui.model.terminal import in_ascii
from clonebox_tui.tui.presentation.inks import inks
from clonebox_tui.tui.presentation.log_line import log_runs
from clonebox_tui.tui.widgets.strips import strip_of

if TYPE_CHECKING:
    from rich.style import Style

_KEPT_LINES = 5_000
_WHEEL_LINES = 3


class LogTail(Widget, can_focus=True):
    """Lines come by `add`; `clear_log` begins another log."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
        Binding("g,home", "first", "oldest line", show=False),
        Binding("G,end", "follow", "newest line, follow", show=False),
        Binding("ctrl+d,pagedown", "page(1)", "half a page down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "half a page up", show=False),
        Binding("left", "sideways(-8)", "left", show=False),
        Binding("right", "sideways(8)", "right", show=False),
        Binding("n", "match(1)", "next match", show=False),
        Binding("N", "match(-1)", "previous match", show=False),
    ]

    def __init__(self, title: str, ascii_only: bool, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self.title = title
        self._ascii = ascii_only
        self._titled = ""
        self.log_lines: list[str] = []
        self.following = True
        self.missed = 0
        self.search_text = ""
        self.search: re.Pattern[str] | None = None
        """What is highlighted; an inverse or fuzzy search has nothing to highlight."""
        self._accepts: Accepts = bool
        self.note = ""
        self._match_at = -1
        self.top = 0
        """Number of the first line on screen."""
        self._left = 0
        self._styles: dict[str, Style] | None = None
        self._retitle()

    # -- lines -------------------------------------------------------------------------------------

    def clear_log(self, title: str, note: str = "") -> None:
        """Begin another log; `note` stands there while it has no line."""
        self.log_lines.clear()
        self.title, self.note = title, note
        self.following, self.missed, self._left, self._match_at = True, 0, 0, -1
        self._resized()
        self.refresh()

    def name_source(self, source: str) -> None:
        """Which log this is."""
        self.title = f"Log · {source}" if source else "Log"
        self._retitle()

    def add(self, lines: Iterable[str]) -> None:
        """New lines at the end."""
        new = list(lines)
        if not new:
            return
        self.log_lines += new
        dropped = max(0, len(self.log_lines) - _KEPT_LINES)
        if dropped:
            del self.log_lines[:dropped]
        if not self.following:
            self.missed += len(new)
            if dropped:
                self.top = max(0, self.top - dropped)
        self._resized()
        if self.following or len(self.log_lines) - len(new) < self.top + self.content_size.height:
            self.refresh(self.content_size.region)

    def _resized(self) -> None:
        self._retitle()
        if self.following:
            self._to(len(self.log_lines))

    def _to(self, y: int) -> None:
        self.top = max(0, min(y, self._last_top))

    @property
    def _last_top(self) -> int:
        return max(0, len(self.log_lines) - self.content_size.height)

    def _retitle(self) -> None:
        state = "follow" if self.following else f"paused{f' +{self.missed} new' if self.missed else ''}"
        title = f"{self.title} · {state}".replace("[", r"\[")
        title = in_ascii(title) if self._ascii else title
        if title != self._titled:
            self._titled = self.border_title = title
        hits = sum(map(self._accepts, self.log_lines)) if self.search_text else 0
        found = f"/{self.search_text}  {hits} of {len(self.log_lines)} lines".replace("[", r"\[")
        self.border_subtitle = found if self.search_text else ""

    # -- keys --------------------------------------------------------------------------------------

    def _go(self, y: int) -> None:
        y = max(0, min(y, self._last_top))
        self.following = y >= self._last_top
        if self.following:
            self.missed = 0
        self._to(y)
        self._retitle()
        self.refresh(self.content_size.region)

    def action_scroll(self, step: int) -> None:
        """One line; upwards holds still."""
        self._go(self.top + step)

    def action_page(self, direction: int) -> None:
        """Half a page."""
        self._go(self.top + direction * max(1, self.content_size.height // 2))

    def action_first(self) -> None:
        """The oldest line."""
        self._go(0)

    def action_follow(self) -> None:
        """The newest line, and follow."""
        self._go(len(self.log_lines))

    def action_sideways(self, cells: int) -> None:
        """Look further right in long lines."""
        longest = max(map(len, self.log_lines), default=0)
        self._left = max(0, min(self._left + cells, longest - 8))
        self.refresh()

    def action_match(self, direction: int) -> None:
        """To the next or previous line that matches."""
        if not self.search_text:
            return
        count = len(self.log_lines)
        start = self._match_at if self._match_at >= 0 else (count if direction < 0 else self.top - 1)
        for step in range(1, count + 1):
            index = (start + direction * step) % count
            if self._accepts(self.log_lines[index]):
                self._match_at = index
                self._go(index - self.content_size.height // 2)
                self.refresh()
                return

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`n` and `N` mean a match only while a search is on."""
        del parameters
        return action != "match" or self.search is not None

    def set_search(self, text: str) -> str:
        """Mark every match, and tell what is wrong with the search; an empty text ends it."""
        self.search_text = text
        self._accepts, fault = compile_filter(text)
        plain_text = re.escape(text) if fault else text
        marked = text and not text.startswith(("!", "~"))
        self.search = re.compile(plain_text, re.IGNORECASE) if marked else None
        self._match_at = -1
        self._retitle()
        self.refresh()
        return fault

    # -- drawing -----------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Keep the end in view while following, also when lines came before there was any room."""
        self._to(len(self.log_lines) if self.following else self.top)
        self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel reads on."""
        event.stop()
        self._go(self.top + _WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel reads back, and holds still."""
        event.stop()
        self._go(self.top - _WHEEL_LINES)

    def notify_style_update(self) -> None:
        """Theme changed."""
        self._styles = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Textual's line API."""
        if self._styles is None:
            self._styles = inks(self.app.theme_variables, "background")
        styles, width = self._styles, self.content_size.width
        index = y + self.top
        runs = (
            log_runs(self.log_lines[index][self._left :], self.search) if index < len(self.log_lines) else ()
        )
        if not self.log_lines and y == 0 and self.note:
            runs = ((self.note, "dim"),)
        mark = ">" if index == self._match_at and self.search_text else " "
        return strip_of(((mark, "warn"), *runs), width, styles, self._ascii)

    def visible_text(self) -> list[str]:
        """The lines in view."""
        top = self.top
        return self.log_lines[top : top + self.content_size.height]
