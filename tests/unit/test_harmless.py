"""What a guest prints on a console reaches the screen, and nothing beyond it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clonebox_tui.model.harmless import HarmlessStream

REACHING_OUT = [
    b"\x1b]52;c;ZXZpbA==\x07",
    b"\x1b]0;title\x1b\\",
    b"\xc2\x9d0;title\xc2\x9c",
    b"\x1bP+q544e\x1b\\",
    b"\x1b^private\x1b\\",
    b"\x1b_app\x1b\\",
    b"\x1bXstring\x1b\\",
    b"\x1b[21t",
    b"\x1b[5i",
    b"\x05",
]
KEPT = [
    "plain ü 测",
    "\x1b[31;1mred\x1b[0m",
    "\x1b[?1049h",
    "\x1b[2;5H",
    "a\r\nb\x08\t\x07",
    "\x1b(0",
    "\x1b7",
]


@pytest.mark.parametrize("step", [1, 2, 1000])
def test_only_what_reaches_beyond_the_screen_is_taken_out(step: int) -> None:
    data = b"".join(bad + good.encode() for bad, good in zip(REACHING_OUT, [*KEPT, *KEPT], strict=False))
    stream = HarmlessStream()
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    assert "".join(map(stream.feed, pieces)) == "".join((KEPT * 2)[: len(REACHING_OUT)])


def test_string_without_an_end_swallows_one_line_at_most() -> None:
    stream = HarmlessStream()
    assert stream.feed(b"a\x1b]0;never ended" + b"x" * 100_000) == "a"
    assert stream.feed(b"more\r\nnext") == "\r\nnext"


@given(st.lists(st.one_of(st.binary(max_size=20), st.sampled_from(REACHING_OUT)), max_size=20))
def test_nothing_gets_through_in_any_pieces(pieces: list[bytes]) -> None:
    stream = HarmlessStream()
    shown = "".join(map(stream.feed, pieces))
    assert not re.search(r"\x1b[\]PX^_k]|[\x05\x90\x98\x9d-\x9f]|\x1b\[[0-9;]*[it]", shown)


def test_terminal_is_left_as_it_was() -> None:
    stream = HarmlessStream()
    stream.feed(b"\x1b[?1049h\x1b[?25l\x1b[?1000;1006h\x1b[?2004h\x1b[?2004l\x1b[?7h")
    farewell = stream.farewell()
    for sequence in ("\x1b[?1049l", "\x1b[?25h", "\x1b[?1000l", "\x1b[?1006l", "\x1b[0m"):
        assert sequence in farewell
    assert "2004" not in farewell
    assert "?7l" not in farewell
    assert "1049" not in HarmlessStream().farewell()
