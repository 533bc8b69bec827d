"""The time machine: what differs between two moments, and the forms that fork, bring back and search."""

from collections.abc import Callable

import pytest

from snapshots_tests.stories import DARK, LIGHT, SMALL, WIDE, cockpit, story
from tests.tui.moments_wire import MomentsWire

Compare = Callable[..., bool]

SIZES = pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
_FILE = ("p", ".", "d", ".", *("j",) * 10, ".")


@SIZES
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_what_differs(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    wire = MomentsWire()
    assert snap_compare(cockpit(wire, theme), terminal_size=size, run_before=story(wire, *_FILE))


@SIZES
@pytest.mark.parametrize("key", ["F", "f", "b", "a"], ids=["fork", "bring-back", "bisect", "policy"])
def test_forms(snap_compare: Compare, key: str, size: tuple[int, int]) -> None:
    wire = MomentsWire()
    keys = ("p", ".", key, ".")
    assert snap_compare(cockpit(wire, DARK), terminal_size=size, run_before=story(wire, *keys))
