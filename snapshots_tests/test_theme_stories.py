"""The cockpit and the graph screen in the themes for poor screens and poor terminals."""

from collections.abc import Callable

import pytest

from snapshots_tests.stories import SMALL, WIDE, busy_wire, cockpit, story

Compare = Callable[..., bool]


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
@pytest.mark.parametrize("theme", ["high-contrast", "16"])
def test_cockpit_in(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    wire = busy_wire()
    face = cockpit(wire, f"clonebox-{theme}")
    assert snap_compare(face, terminal_size=size, run_before=story(wire))


@pytest.mark.parametrize("theme", ["high-contrast", "16"])
def test_graph_screen_in(snap_compare: Compare, theme: str) -> None:
    wire = busy_wire()
    face = cockpit(wire, f"clonebox-{theme}")
    assert snap_compare(face, terminal_size=SMALL, run_before=story(wire, "2", "enter", ".", "H", "H"))
