"""The trash, and what an undo shows before it does anything."""

from collections.abc import Callable

import pytest

from snapshots_tests.stories import DARK, LIGHT, SMALL, WIDE, cockpit, story
from tests.tui.trash_wire import TrashWire

Compare = Callable[..., bool]

SIZES = pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
KEYS = pytest.mark.parametrize("key", ["Z", "u"], ids=["trash", "undo"])


@KEYS
@SIZES
def test_what_can_be_had_back(snap_compare: Compare, key: str, size: tuple[int, int]) -> None:
    wire = TrashWire()
    assert snap_compare(cockpit(wire, DARK), terminal_size=size, run_before=story(wire, key, "."))


def test_by_daylight(snap_compare: Compare) -> None:
    wire = TrashWire()
    assert snap_compare(cockpit(wire, LIGHT), terminal_size=WIDE, run_before=story(wire, "Z", ".", "j", "."))
