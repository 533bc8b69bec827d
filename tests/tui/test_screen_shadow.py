"""What the lean way writes leaves the terminal exactly as Textual's own way would."""

import pyte
import pytest
from rich.console import RenderableType
from textual.screen import Screen

from clonebox_tui.tui.face import Face
from clonebox_tui.tui.screen_shadow import ScreenShadow, leaner
from tests.tui.conftest import Opened, face_of, settled
from tests.tui.fake_wire import FakeWire

_COLUMNS, _ROWS = 120, 40

_KEYS = """j j G k p j question_mark escape slash e enter escape J escape
ctrl+t l k plus plus escape colon escape G"""


class Terminals:
    """Two terminals of the same size: one is written the lean way, one in full at the end."""

    def __init__(self) -> None:
        self.lean = pyte.Screen(_COLUMNS, _ROWS)
        self._stream = pyte.Stream(self.lean)
        self._shadow = ScreenShadow()
        self.bytes_of: list[int] = []

    def see(self, app: Face, renderable: RenderableType | None) -> None:
        """An update is displayed."""
        update = leaner(renderable, self._shadow, app.size)
        if update is not None and not app._batch_count:
            sequence = update.render_segments(app.console)
            self.bytes_of.append(len(sequence.encode()))
            self._stream.feed(sequence)

    @staticmethod
    def stock(app: Face) -> pyte.Screen:
        """The whole screen as Textual writes it."""
        screen = pyte.Screen(_COLUMNS, _ROWS)
        screen.set_mode(pyte.modes.LNM)
        full = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
        pyte.Stream(screen).feed(full.render_segments(app.console))  # type: ignore[union-attr]
        return screen


@pytest.fixture
def terminals(monkeypatch: pytest.MonkeyPatch) -> Terminals:
    """Terminals that see every update of the cockpit under test."""
    seen = Terminals()
    display = Face._display

    def seeing(self: Face, screen: Screen[object], renderable: RenderableType | None) -> None:
        if screen is self.screen:
            seen.see(self, renderable)
        display(self, screen, renderable)

    monkeypatch.setattr(Face, "_display", seeing)
    return seen


def _cells(screen: pyte.Screen) -> list[list[object]]:
    return [
        [
            (cell.data, cell.bg, cell.bold, cell.fg if cell.data.strip() else "")
            for cell in (screen.buffer[y][x] for x in range(_COLUMNS))
        ]
        for y in range(_ROWS)
    ]


async def test_after_many_keys_both_ways_show_the_same(
    opened: Opened, wire: FakeWire, terminals: Terminals
) -> None:
    async with opened() as pilot:
        for moment, key in enumerate(_KEYS.split()):
            await pilot.press(key)
            wire.sample(2.0 * moment)
            await settled(pilot)
        face = face_of(pilot)
        lean, stock = _cells(terminals.lean), _cells(terminals.stock(face))
        different = [y for y in range(_ROWS) if lean[y] != stock[y]]
        assert different == [], "\n".join(terminals.lean.display)


async def test_a_cursor_key_writes_little(opened: Opened, terminals: Terminals) -> None:
    async with opened() as pilot:
        await pilot.press("j")
        await settled(pilot)
        terminals.bytes_of.clear()
        await pilot.press("j")
        await pilot.pause(0.05)
        assert 0 < sum(terminals.bytes_of) <= 600
