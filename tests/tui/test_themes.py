"""Themes as a person meets them: chosen by key and by name, kept, and none needed to see where one is."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.color import Color
from textual.command import CommandList
from textual.notifications import Notification
from textual.pilot import Pilot

from clonebox_tui.tui.face import Face
from clonebox_tui.tui.looks import Looks
from clonebox_tui.tui.session import Session
from clonebox_tui.tui.themes import SHIPPED, SIXTEEN
from tests.tui.conftest import eventually, face_of, screen_text, settled
from tests.tui.fake_fleet import NOW
from tests.tui.fake_wire import FakeWire

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

Open = Callable[[Face], "AbstractAsyncContextManager[Pilot[None]]"]


def _face(folder: Path | None = None) -> Face:
    async def connect() -> FakeWire:
        return FakeWire()

    return Face(connect, Session(clock=lambda: NOW), looks=Looks(folder))  # type: ignore[arg-type]


def _styles(pilot: Pilot[None], y: int) -> list[object]:
    strips = pilot.app.screen._compositor.render_strips()
    return [segment.style for segment in strips[y] if segment.text.strip()]


def _row(pilot: Pilot[None], word: str) -> int:
    return next(y for y, line in enumerate(screen_text(pilot).splitlines()) if word in line)


async def test_the_key_goes_through_all_themes_and_the_last_is_kept(tmp_path: Path) -> None:
    seen = set()
    async with _face(tmp_path).run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        for _ in SHIPPED:
            before = _styles(pilot, 0)
            await pilot.press("ctrl+t")
            await settled(pilot)
            assert _styles(pilot, 0) != before
            seen.add(pilot.app.theme)
        await pilot.press("ctrl+t", "J", "ctrl+t")
        last = pilot.app.theme
        assert any("Theme: high-contrast" in toast.message for toast in pilot.app._notifications)
    assert seen == {theme.name for theme in SHIPPED}
    assert last == "clonebox-high-contrast"
    async with _face(tmp_path).run_test(size=(120, 40)) as pilot:
        assert pilot.app.theme == last


async def test_a_theme_is_chosen_from_the_palette(tmp_path: Path) -> None:
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "dusk.toml").write_text('background = "#201020"\n')
    async with _face(tmp_path).run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+p", *"theme: dusk")
        await eventually(pilot, lambda: pilot.app.screen.query_one(CommandList).option_count > 0)
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.theme == "clonebox-dusk"
        assert pilot.app.theme_variables["background"].lower() == "#201020"


async def test_a_bad_theme_is_told_and_nothing_else_happens(tmp_path: Path) -> None:
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "broken.toml").write_text("colour = 7\n")
    async with _face(tmp_path).run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "web-dev" in screen_text(pilot)
        assert any("broken.toml" in str(toast.title) for toast in pilot.app._notifications)


def _write(path: Path, text: str) -> None:
    """In one go, as editors do; never at the same moment as before."""
    beside = path.with_suffix(".new")
    beside.write_text(text)
    beside.replace(path)


@pytest.mark.slow
async def test_a_theme_is_read_again_when_its_file_changes_and_a_broken_one_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    themes = tmp_path / "themes"
    themes.mkdir()
    mine = themes / "mine.toml"
    _write(mine, 'background = "#102030"\n')
    Looks(tmp_path).keep("clonebox-mine")
    async with _face(tmp_path).run_test(size=(120, 40)) as pilot:
        await settled(pilot)

        def ground() -> Color:
            strips = pilot.app.screen._compositor.render_strips()
            return next(
                Color.parse(each.style.bgcolor.name)
                for each in strips[20]
                if each.style and each.style.bgcolor
            )

        def is_ground(wanted: str) -> bool:
            # A theme's colours go through hue and back, which may cost the last bit.
            return all(abs(a - b) <= 2 for a, b in zip(ground().rgb, Color.parse(wanted).rgb, strict=True))

        assert is_ground("#102030")
        _write(mine, 'background = "#305010"  # greener\n')
        await eventually(pilot, lambda: is_ground("#305010"))
        _write(mine, 'panel = "#000000"\nbackground = "green"\n')
        await eventually(pilot, lambda: any("mine.toml:2" in str(toast.title) for toast in _toasts(pilot)))
        assert is_ground("#305010")
        told = len(_toasts(pilot))
        await pilot.pause(1.2)
        assert len(_toasts(pilot)) == told
        _write(mine, 'background = "#401010"\n')
        await eventually(pilot, lambda: is_ground("#401010"))


async def test_a_theme_that_is_added_can_be_chosen_at_once(tmp_path: Path) -> None:
    async with _face(tmp_path).run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        (tmp_path / "themes").mkdir()
        _write(tmp_path / "themes" / "late.toml", 'accent = "#4080c0"\n')
        face = face_of(pilot)
        await eventually(pilot, lambda: any(each.name == "clonebox-late" for each in face.looks.themes))
        face.choose_theme("clonebox-late")
        await settled(pilot)
        assert face.theme_variables["primary"].lower() == "#4080c0"
        (tmp_path / "themes" / "late.toml").unlink()
        await eventually(pilot, lambda: all(each.name != "clonebox-late" for each in face.looks.themes))
        await pilot.press("ctrl+t")
        assert face.theme == SHIPPED[0].name


def _toasts(pilot: Pilot[None]) -> list[Notification]:
    return list(pilot.app._notifications)


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    async with _face(tmp_path / "taken").run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+t")
        assert pilot.app.theme == "clonebox-light"
        assert any("not kept" in str(toast.title) for toast in pilot.app._notifications)


async def test_a_console_of_sixteen_colours_gets_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TERM", "xterm-16color")
    Looks(tmp_path).keep("clonebox-light")
    face = _face(tmp_path)
    assert face.theme == SIXTEEN.name
    async with face.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+t")
        await settled(pilot)
        assert pilot.app.theme != SIXTEEN.name
    assert Looks(tmp_path).first(few_colours=False) == "clonebox-light"


async def test_without_colours_all_is_grey_and_the_cursor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with _face().run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        for strip in pilot.app.screen._compositor.render_strips():
            for segment in strip:
                for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    assert colour is None or colour.triplet is None or len(set(colour.triplet)) == 1
        machine = face_of(pilot).session.machine
        assert machine is not None
        here = _styles(pilot, _row(pilot, f" {machine.name}  "))
        assert any(getattr(style, "reverse", False) for style in here)
