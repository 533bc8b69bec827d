"""What the shadow has written shows, in a terminal emulator, exactly what plain writing would show."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from clonebox_tui.tui.shadow import Shadow

_COLUMNS, _ROWS = 24, 4
_CONSOLE = Console(color_system="truecolor", force_terminal=True)

_LETTERS = "ab  ─⣿▁é中文测試🙂"
_STYLES = st.sampled_from(
    [
        None,
        Style(color="#ff0000", bgcolor="#101010"),
        Style(color="#00ff00", bgcolor="#101010", bold=True),
        Style(color="#00ff00", bgcolor="#101010", underline=True),
        Style(color="blue", reverse=True),
        Style(bgcolor="#202020", strike=True, italic=True),
        Style(color="#00ff00", bgcolor="#101010", link="https://example.org"),
    ]
)
_SEGMENTS = st.lists(
    st.tuples(st.text(_LETTERS, max_size=9), _STYLES).map(lambda pair: Segment(*pair)), max_size=6
)
_PICTURE = st.lists(_SEGMENTS, min_size=_ROWS, max_size=_ROWS)


def _lines(picture: list[list[Segment]]) -> list[Strip]:
    return [Strip(row).adjust_cell_length(_COLUMNS) for row in picture]


def _cells(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    return [[_look(screen.buffer[y][x]) for x in range(_COLUMNS)] for y in range(_ROWS)]


def _look(cell: pyte.screens.Char) -> tuple[object, ...]:
    seen = (cell.data, cell.bg, cell.underscore, cell.strikethrough, cell.reverse)
    # The colour and weight of a space cannot be seen.
    return seen if cell.data == " " and not any(seen[2:]) else (*seen, cell.fg, cell.bold, cell.italics)


def _plain(lines: list[Strip]) -> pyte.Screen:
    screen = pyte.Screen(_COLUMNS, _ROWS)
    stream = pyte.Stream(screen)
    for y, line in enumerate(lines):
        stream.feed(f"\x1b[{y + 1};1H{line.render(_CONSOLE)}")
    return screen


@settings(max_examples=120, deadline=None)
@given(st.lists(_PICTURE, min_size=1, max_size=5))
def test_any_sequence_of_pictures_ends_as_if_written_in_full(pictures: list[list[list[Segment]]]) -> None:
    shadow = Shadow(_COLUMNS, _ROWS, ColorSystem.TRUECOLOR)
    screen = pyte.Screen(_COLUMNS, _ROWS)
    stream = pyte.Stream(screen)
    for picture in pictures:
        lines = _lines(picture)
        for y, line in enumerate(lines):
            shadow.put(y, 0, line)
        stream.feed(shadow.written())
        assert _cells(screen) == _cells(_plain(lines))


@settings(max_examples=50, deadline=None)
@given(_PICTURE)
def test_the_same_picture_again_writes_nothing(picture: list[list[Segment]]) -> None:
    shadow = Shadow(_COLUMNS, _ROWS, ColorSystem.TRUECOLOR)
    for _ in range(2):
        for y, line in enumerate(_lines(picture)):
            shadow.put(y, 0, line)
        written = shadow.written()
    assert written == ""


def _put(shadow: Shadow, text: str, style: Style | None = None) -> str:
    shadow.put(0, 0, [Segment(text, style)])
    return shadow.written()


def test_one_changed_character_costs_a_movement_and_itself() -> None:
    shadow = Shadow(_COLUMNS, _ROWS, ColorSystem.TRUECOLOR)
    _put(shadow, "cpu 12 %")
    assert _put(shadow, "cpu 13 %") == "\x1b[1;6H3"


def test_a_link_is_opened_around_its_text_and_closed() -> None:
    shadow = Shadow(_COLUMNS, _ROWS, ColorSystem.TRUECOLOR)
    link = Style(link="https://example.org")
    written = _put(shadow, "docs", link)
    opened = f"\x1b]8;id={link._link_id};https://example.org\x1b\\"
    assert written == f"{opened}\x1b[1;1Hdocs\x1b]8;;\x1b\\"
    assert _put(shadow, "docs") == "\x1b[1;1Hdocs", "the same text without the link is something else"


def test_fewer_colours_are_asked_for_where_the_terminal_has_fewer() -> None:
    shadow = Shadow(_COLUMNS, _ROWS, ColorSystem.EIGHT_BIT)
    assert "38;5;" in _put(shadow, "x", Style(color="#ff8800"))


def test_what_does_not_fit_is_cut() -> None:
    shadow = Shadow(4, 1, ColorSystem.TRUECOLOR)
    assert _put(shadow, "abcdefgh") == "\x1b[1;1Habcd"
    shadow.put(7, 0, [Segment("below")])
    assert shadow.written() == ""


def test_what_some_terminals_draw_wider_is_written_before_all_that_stands_right_of_it() -> None:
    shadow = Shadow(_COLUMNS, _ROWS, ColorSystem.TRUECOLOR)
    shadow.put(0, 0, [Segment("ab"), Segment("👩‍👩‍👧", Style(bold=True)), Segment("right")])
    shadow.put(0, 12, [Segment("other")])
    screen = pyte.Screen(_COLUMNS, _ROWS)
    stream = pyte.Stream(screen)
    stream.feed(shadow.written())
    assert screen.display[0].startswith("ab👩right"), "pyte draws the family six cells wide"
    assert "other" in screen.display[0]
    shadow.overran.clear()
    shadow.put(0, 0, [Segment("ab"), Segment("👩‍👩‍👦", Style(bold=True)), Segment("right")])
    assert 0 in shadow.overran
    shadow.put(0, 12, [Segment("other")])
    assert "other" in shadow.written(), "it may have been written over"
