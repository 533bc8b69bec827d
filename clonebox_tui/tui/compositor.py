"""The one seam to Textual's private drawing: an App that writes only the cells that differ on the terminal.

Textual repaints a changed region from its widget's left edge, with full colours for each segment. Over a slow
line that is several times what is needed. Here every update passes a shadow of the terminal that belongs to
the App, since each Screen has a compositor of its own.

The stock drawing is used when Textual is not the version this was made for, and with
CLONEBOX_STOCK_COMPOSITOR=1. Tested by replaying the output in a terminal emulator.
"""

import math
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import textual
from rich.color import ColorSystem
from rich.console import Console
from textual import events
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen
from textual.strip import Strip

from clonebox_tui.tui.line import Line
from clonebox_tui.tui.shadow import Shadow

_LOOKED_AGAIN_SECONDS = 1.0

if TYPE_CHECKING:
    from rich.console import RenderableType

    from clonebox_tui.tui.typing_order import TypingOrder

MADE_FOR = "8.2.8"
"""The version of Textual whose private parts are used: `App._display`, `ChopsUpdate`, `LayoutUpdate`."""


Row = tuple[int, list[int], list[tuple[int, Strip]]]
"""Its number, the columns where its chops begin, and what stands where."""
Placed = tuple[int, int, Strip]
"""Row, column, and what stands from there on."""


def usable(environment: Mapping[str, str] = os.environ, version: str = MADE_FOR) -> bool:
    """Whether only differences are written: this version is installed, and nothing else is asked for."""
    # One look at the disk; `textual.__version__` reads and parses metadata for 10 ms.
    installed = Path(textual.__file__).parent.with_name(f"textual-{version}.dist-info").is_dir()
    return installed and environment.get("CLONEBOX_STOCK_COMPOSITOR", "") in ("", "0")


class _Written(CompositorUpdate):
    """An update that is bytes already."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render_segments(self, console: Console) -> str:
        """The bytes."""
        del console
        return self._text


class DifferenceApp(App[None]):
    """Write to the terminal only through Textual, or call `forget_terminal` afterwards."""

    def __init__(self, line: Line | None = None) -> None:
        """`line`: what is found out about the way to the terminal; None: nothing is asked."""
        super().__init__()
        self.line = line if usable() else None
        self._late = self._slow_told = False
        self._shadow: Shadow | None = None
        self._strips: dict[int, tuple[list[int], dict[int, Strip]]] = {}
        self._differences_only = usable()
        if line is not None:
            self._slow_told = line.slow

    def get_driver_class(self) -> type[Driver]:
        """The driver that leaves at once, where the stock one for Linux would be used."""
        from textual.drivers.linux_driver import LinuxDriver

        stock = super().get_driver_class()
        if stock is not LinuxDriver or not usable():
            return stock
        from clonebox_tui.tui.prompt_driver import PromptDriver

        return PromptDriver

    def forget_terminal(self) -> None:
        """Nothing is known of what the terminal shows: whatever is drawn next is written in full."""
        self._shadow = None
        self._strips.clear()

    def on_mount(self) -> None:
        """While the program was suspended something else was on the terminal."""
        for signal in (self.app_suspend_signal, self.app_resume_signal):
            signal.subscribe(self, lambda _: self.forget_terminal(), immediate=True)

    @cached_property
    def _typing(self) -> "TypingOrder":
        """Late: there is a picture before there is a key."""
        from clonebox_tui.tui.typing_order import TypingOrder

        return TypingOrder(self)

    @property
    def typed_at(self) -> float:
        """When the key that is served was typed: it is no answer to what was not there yet."""
        return self._typing.typed_at

    async def on_event(self, event: events.Event) -> None:
        """A resized terminal may have wrapped or cut what it shows, even if the size is the old one again.

        What is typed goes to whom it was meant for, however fast it comes.
        """
        if isinstance(event, events.Resize):
            self.forget_terminal()
            if self._screen_stack:
                self.screen.refresh()
        typed = isinstance(event, events.Key | events.Paste) and not event.is_forwarded
        if typed and (not self._screen_stack or self._typing.holds(event)):
            return  # The program ends, or an earlier key comes first.
        served_by = (self.focused or self.screen) if typed else None
        await super().on_event(event)
        if served_by is not None:
            self._typing.passed(served_by)

    # -- the line ----------------------------------------------------------------------------------

    @property
    def awaits_line(self) -> bool:
        """Whether the next answer of the terminal matters: a picture waits, or it was found to be slow."""
        return self._late or (self.line is not None and self.line.slow is not self._slow_told)

    def line_answered(self) -> None:
        """The terminal has read what was written: what was put off is drawn now, as it is now."""
        if self.line is not None and self.line.slow is not self._slow_told:
            self._slow_told = self.line.slow
            self.line_changed(self.line.slow)
        if self._late and (self.line is None or not self.line.busy):
            self._late = False
            self.screen.refresh()

    def line_changed(self, slow: bool) -> None:
        """The line was found to be slow, or good again."""

    def _put_off(self) -> None:
        if not self._late:
            self._late = True
            self._look_again()

    def _look_again(self) -> None:
        # An answer can be lost.
        self.line_answered()
        if self._late:
            self.set_timer(_LOOKED_AGAIN_SECONDS, self._look_again)

    # -- drawing -----------------------------------------------------------------------------------

    def _display(self, screen: Screen[object], renderable: "RenderableType | None") -> None:
        if self._differences_only and self._will_write:
            renderable = self._lean(renderable)
        super()._display(screen, renderable)

    @property
    def _will_write(self) -> bool:
        # What App._display itself asks before it writes; what it drops must not be remembered.
        return (
            not self._batch_count
            and self._running
            and not self._closed
            and not self.is_headless
            and not self.is_inline
            and self._driver is not None
        )

    def _lean(self, renderable: "RenderableType | None") -> "RenderableType | None":
        if renderable is not None and self.line is not None and self.line.busy:
            self._put_off()
            return None
        if isinstance(renderable, ChopsUpdate):
            written = self._differences(_chopped(renderable))
        elif isinstance(renderable, LayoutUpdate):
            written = self._differences(_whole(renderable))
        else:
            if renderable is not None:
                self.forget_terminal()
            return renderable
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if written or cursor != self._previous_cursor_position:
            # Rich does not see it: App._display asks updates for bytes.
            return cast("RenderableType", _Written(written + self._question(written)))
        return None

    def _question(self, written: str) -> str:
        if self.line is None:
            return ""
        self.line.sent(len(written.encode()))
        return self.line.question()

    def _differences(self, rows: Iterable[Row]) -> str:
        shadow, size = self._shadow, self.size
        if shadow is None or (shadow.width, shadow.height) != size:
            self.forget_terminal()
            colours = self.console._color_system or ColorSystem.TRUECOLOR
            shadow = self._shadow = Shadow(size.width, size.height, colours)
        most = self.line.most_at_once if self.line else math.inf
        fresh: Iterable[Placed] = self._fresh(rows)
        if most < math.inf:
            # The list and the header are at the left: what a key did comes before the panes that follow it.
            fresh = sorted(fresh, key=lambda each: (each[1], each[0]))
        for y, x, strip in fresh:
            if shadow.noted > most:
                self._put_off()
                break
            self._strips[y][1][x] = strip
            shadow.put(y, x, strip)
        for y in shadow.overran:
            del self._strips[y]
        shadow.overran.clear()
        return shadow.written()

    def _fresh(self, rows: Iterable[Row]) -> Iterator[Placed]:
        """What is not on the terminal already. A strip never changes: the same object is the same picture."""
        for y, cuts, strips in rows:
            known = self._strips.get(y)
            if known is None or known[0] != cuts:
                known = self._strips[y] = (cuts, {})
            for x, strip in strips:
                if known[1].get(x) is not strip:
                    yield y, x, strip


def _chopped(update: ChopsUpdate) -> Iterator[Row]:
    """A partial update. Only what a span touches was drawn; the other chops of its row may be wrong."""
    for y, left, right in update.spans:
        chops = update.chops[y]
        ends = update.chop_ends[y]
        touched = [
            (x, strip)
            for end, (x, strip) in zip(ends, chops.items(), strict=False)
            if strip is not None and x < right and end > left
        ]
        yield y, list(chops), touched


def _whole(update: LayoutUpdate) -> Iterator[Row]:
    """A full update: strips that follow one another."""
    for y, strips in enumerate(update.strips, update.region.y):
        placed: list[tuple[int, Strip]] = []
        x = update.region.x
        for strip in strips:
            placed.append((x, strip))
            x += strip.cell_length
        yield y, [x for x, _ in placed], placed
