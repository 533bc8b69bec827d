"""What a person sees, screen by screen: a change of any cell has to be looked at and agreed to.

Every scene at 80×24 in the dark theme; marked slow: at 120×40, and in the other themes and plain ASCII.
"""

from collections.abc import Callable

import pytest

from clonebox_tui.tui.presentation.glyphs import ASCII, Glyphs
from snapshots_tests.scenes import COCKPIT, SCENES, Scene
from snapshots_tests.stories import DARK, HUGE, LIGHT, SMALL, TINY, WIDE, cockpit, story

Compare = Callable[..., bool]

OTHERS: dict[str, tuple[str, Glyphs | None]] = {
    "light": (LIGHT, None),
    "contrast": ("clonebox-high-contrast", None),
    "ascii": ("clonebox-16", ASCII),
}


def _shown(
    compare: Compare, scene: Scene, size: tuple[int, int], theme: str = DARK, glyphs: Glyphs | None = None
) -> bool:
    wire = scene.wire()
    face = cockpit(wire, theme, scene.readonly, glyphs)
    face._disable_notifications = not scene.messages
    return compare(face, terminal_size=size, run_before=story(wire, *scene.keys, then=scene.then))


@pytest.mark.parametrize("name", SCENES)
def test_small(snap_compare: Compare, name: str) -> None:
    assert _shown(snap_compare, SCENES[name], SMALL)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES)
def test_wide(snap_compare: Compare, name: str) -> None:
    assert _shown(snap_compare, SCENES[name], WIDE)


@pytest.mark.slow
@pytest.mark.parametrize("look", OTHERS)
@pytest.mark.parametrize("name", SCENES)
def test_look(snap_compare: Compare, name: str, look: str) -> None:
    assert _shown(snap_compare, SCENES[name], SMALL, *OTHERS[look])


@pytest.mark.parametrize("look", OTHERS)
def test_cockpit_in(snap_compare: Compare, look: str) -> None:
    assert _shown(snap_compare, COCKPIT["cockpit"], WIDE, *OTHERS[look])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cockpit", "graphs", "jobs", "wizard-what"])
def test_much_room_is_used(snap_compare: Compare, name: str) -> None:
    assert _shown(snap_compare, SCENES[name], HUGE)


def test_too_small(snap_compare: Compare) -> None:
    assert _shown(snap_compare, COCKPIT["cockpit"], TINY)
