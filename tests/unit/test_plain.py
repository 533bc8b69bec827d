"""Proves that no text of a guest, a file or a backend can do anything to a terminal but be read."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clonebox_tui.model.plain import LONGEST_LINE, clean_line, clean_text

_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain text", "plain text"),
        ("größe ✓ 漢字".encode(), "größe ✓ 漢字"),
        (b"\x1b[1;31mred\x1b[0m and \x1b[38;5;12mblue\x1b[m", "red and blue"),
        (b"\x1b]0;a title\x07after", "after"),
        (b"\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1b]52;c;c3RvbGVu", ""),
        (b"\x1bP1$r0m\x1b\\after", "after"),
        (b"\x1b[?1049h\x1b[2J\x1b[Hfull screen", "full screen"),
        (b"\xc2\x9b31mC1", "C1"),
        (b"10%\r 50%\r100%\r", "100%"),
        (b"ends with return\r", "ends with return"),
        (b"a\tb", "a       b"),
        ("user\u202etxt.exe".encode(), "usertxt.exe"),
        (b"bell\x07 null\x00 back\x08", "bell null back"),
        (b"broken \xff\xfe", "broken \ufffd\ufffd"),
    ],
)
def test_what_is_shown(raw: bytes, shown: str) -> None:
    assert clean_line(raw) == shown


@given(some.binary(max_size=300) | some.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_nothing_that_controls_a_terminal_is_left(raw: bytes) -> None:
    shown = clean_line(raw)
    assert not [character for character in shown if unicodedata.category(character) in _FORBIDDEN]
    assert len(shown) <= LONGEST_LINE
    assert clean_text(shown) == shown


@given(some.text(some.sampled_from("\x1b[]0;m\x07\\P\x9b\x9dab\r "), max_size=60))
def test_no_escape_survives_in_pieces(text: str) -> None:
    shown = clean_text(text)
    assert not {"\x1b", "\x9b", "\x9d", "\x07", "\r"} & set(shown)


def test_a_line_of_megabytes_is_cut_quickly() -> None:
    began = time.process_time()
    shown = clean_line(b"\x1b]" * 2_000_000)
    assert clean_line(b"x" * 5_000_000) == "x" * (LONGEST_LINE - 1) + "…"
    assert len(shown) <= LONGEST_LINE
    assert time.process_time() - began < 5
