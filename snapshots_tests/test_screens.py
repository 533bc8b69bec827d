"""What a person sees, screen by screen: a change of any cell has to be looked at and agreed to.

Every word in every picture is measured: it can be read in every theme.

Every scene at 80×24 in the dark theme; marked slow: at 120×40, and both in the other looks.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from clonebox_tui import tui
from clonebox_tui.tui.presentation.glyphs import ASCII, Glyphs
from clonebox_tui.tui.screens.console import ConsoleScreen
from snapshots_tests.scenes import COCKPIT, SCENES, Scene
from snapshots_tests.stories import DARK, HUGE, LIGHT, SMALL, TINY, WIDE, cockpit, story
from tests.contrast import LEAST_CONTRAST, contrast

Compare = Callable[..., bool]

OTHERS: dict[str, tuple[str, Glyphs | None]] = {
    "light": (LIGHT, None),
    "contrast": ("clonebox-high-contrast", None),
    "ascii": ("clonebox-16", ASCII),
}


def weak_words(screen: Screen[object]) -> dict[str, float]:
    """Words that cannot be read well, with their contrast; below a dialog they are dimmed on purpose."""
    front = screen.query(".dialog, #--container").first() if screen.query(".dialog, #--container") else screen
    area, strips = front.region, screen._compositor.render_strips()
    segments = [each for y in range(area.y, area.bottom) for each in strips[y].crop(area.x, area.right)]
    words = [(text, style) for text, style, _ in segments if style and any(map(str.isalnum, text))]
    return {text: contrast(style) for text, style in words if contrast(style) < LEAST_CONTRAST}


def _shown(
    compare: Compare, scene: Scene, size: tuple[int, int], theme: str = DARK, glyphs: Glyphs | None = None
) -> bool:
    wire = scene.wire()
    face = cockpit(wire, theme, scene.readonly, glyphs)
    face._disable_notifications = not scene.messages
    tell = story(wire, *scene.keys, then=scene.then)

    async def played(pilot: Pilot[None]) -> None:
        await tell(pilot)
        assert type(pilot.app.screen) is scene.shows
        # The colours in a console are its guest's.
        assert scene.shows is ConsoleScreen or weak_words(pilot.app.screen) == {}

    return compare(face, terminal_size=size, run_before=played)


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


@pytest.mark.slow
@pytest.mark.parametrize("look", OTHERS)
@pytest.mark.parametrize("name", SCENES)
def test_wide_look(snap_compare: Compare, name: str, look: str) -> None:
    assert _shown(snap_compare, SCENES[name], WIDE, *OTHERS[look])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cockpit", "graphs", "jobs", "wizard-what"])
def test_much_room_is_used(snap_compare: Compare, name: str) -> None:
    assert _shown(snap_compare, SCENES[name], HUGE)


def test_too_small(snap_compare: Compare) -> None:
    assert _shown(snap_compare, COCKPIT["cockpit"], TINY)


def _screens() -> Iterator[type[Screen[object]]]:
    """Every class of screen that the program has."""
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        importlib.import_module(module.name)
    waiting: list[type[Screen[object]]] = [Screen]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith(tui.__name__):
            yield kind


def test_no_screen_is_without_a_scene() -> None:
    shown = {scene.shows for scene in SCENES.values()}
    assert {kind.__name__ for kind in _screens() if kind not in shown} <= {
        "Consent",
        "Dialog",
        "FullScreen",
        "LeftOnce",
    }
