"""The graph screen: now, and a moment of the last hour."""

from collections.abc import Callable

import pytest

from snapshots_tests.stories import DARK, LIGHT, SMALL, WIDE, busy_wire, cockpit, story

Compare = Callable[..., bool]

OPEN = ("2", "enter", ".")
MOMENT = (*OPEN, "right_square_bracket", ".", "H", "H", "h")
SIZES = pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])


@SIZES
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_graph_screen(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    wire = busy_wire()
    assert snap_compare(cockpit(wire, theme), terminal_size=size, run_before=story(wire, *OPEN))


@SIZES
def test_a_moment_is_read(snap_compare: Compare, size: tuple[int, int]) -> None:
    wire = busy_wire()
    assert snap_compare(cockpit(wire, DARK), terminal_size=size, run_before=story(wire, *MOMENT))
