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
from clonebox_tui.tui.presentation.log_line import level_ink, log_runs, wrapped
from clonebox_tui.tui.widgets.strips import strip_of

if TYPE_CHECKING:
    from rich.style import Style

    from clonebox_tui.tui.presentation.runs import Runs

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
        self._all: list[str] = []
        self.log_lines: list[str] = []
        """What can be scrolled through: the lines that the filter lets pass; wrapped, the rows of them."""
        self._whole: list[str] = []
        """The line that each of them belongs to."""
        self.wraps = False
        self.filter_text = ""
        self._passes: Accepts = bool
        self._hits = 0
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
        for kept in (self._all, self.log_lines, self._whole):
            kept.clear()
        self._hits = 0
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
        # More than is kept need not be looked at: a flood costs no more than that.
        new = list(lines)[-_KEPT_LINES:]
        if not new:
            return
        self._all += new
        del self._all[:-_KEPT_LINES]
        rows = self._append(new)
        dropped = max(0, len(self.log_lines) - _KEPT_LINES)
        if dropped:
            if self.search_text:
                self._hits -= sum(map(self._accepts, self.log_lines[:dropped]))
            del self.log_lines[:dropped]
            del self._whole[:dropped]
        if not self.following:
            self.missed += rows
            if dropped:
                self.top = max(0, self.top - dropped)
        self._resized()
        if self.following or len(self.log_lines) - rows < self.top + self.content_size.height:
            self.refresh(self.content_size.region)

    def _append(self, lines: list[str]) -> int:
        """Put those that pass at the end, as rows; tells how many rows."""
        before = len(self.log_lines)
        passing = [line for line in lines if self._passes(line)] if self.filter_text else lines
        if self.wraps:
            width = max(8, self.content_size.width - 1)
            for line in passing:
                rows = wrapped(line, width)
                self.log_lines += rows
                self._whole += [line] * len(rows)
        else:
            self.log_lines += passing
            self._whole += passing
        if self.search_text:
            self._hits += sum(map(self._accepts, self.log_lines[before:]))
        return len(self.log_lines) - before

    def _lay_out(self) -> None:
        """All anew: the filter, the wrapping or the width is another; the line at the top stays there."""
        line = self._whole[self.top] if self.top < len(self._whole) else None
        self.log_lines, self._whole, self._hits, self._match_at = [], [], 0, -1
        self._append(self._all)
        if not self.following:
            self._to(next((at for at, each in enumerate(self._whole) if each is line), self._last_top))
        self._resized()
        self.refresh()

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
        filtered = (
            f"&{self.filter_text}  {len(self.log_lines)} of {len(self._all)}" if self.filter_text else ""
        )
        found = (
            f"/{self.search_text}  {self._hits} of {len(self.log_lines)} lines" if self.search_text else ""
        )
        told = "   ".join(filter(None, (filtered, found))).replace("[", r"\[")
        if told != self.border_subtitle:
            self.border_subtitle = told

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
        self._hits = sum(map(self._accepts, self.log_lines)) if text else 0
        self._retitle()
        self.refresh()
        return fault

    def set_filter(self, text: str) -> str:
        """Show the lines alone that match, and tell what is wrong with the filter; empty shows all."""
        self.filter_text = text
        self._passes, fault = compile_filter(text)
        self._lay_out()
        return fault

    def toggle_wrap(self) -> None:
        """Long lines over several rows, or cut at the edge."""
        self.wraps, self._left = not self.wraps, 0
        self._lay_out()

    # -- drawing -----------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Keep the end in view while following, also when lines came before there was any room."""
        if self.wraps:
            self._lay_out()
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
        runs: Runs = ()
        if index < len(self.log_lines):
            ink = level_ink(self._whole[index])
            runs = log_runs(self.log_lines[index][self._left :], self.search, ink)
        if not self.log_lines and y == 0 and self.note:
            runs = ((self.note, "dim"),)
        mark = ">" if index == self._match_at and self.search_text else " "
        return strip_of(((mark, "warn"), *runs), width, styles, self._ascii)

    def visible_text(self) -> list[str]:
        """The lines in view, whole."""
        rows = self._whole[self.top : self.top + self.content_size.height]
        return [line for at, line in enumerate(rows) if not at or line is not rows[at - 1]]

    def filtered_lines(self) -> list[str]:
        """All lines that are kept and pass the filter."""
        return [line for line in self._all if not self.filter_text or self._passes(line)]
