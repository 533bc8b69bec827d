"""The guest's files in the cockpit: folders, a text, and copies both ways with their plans."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from clonebox_tui.model.rpc import GuestText
from clonebox_tui.tui.screens.copy_path import CopyPathScreen
from clonebox_tui.tui.screens.files import FileList, FilesScreen, text_lines
from clonebox_tui.tui.screens.plan import PlanScreen
from tests.tui.conftest import eventually, face_of, screen_text


async def test_one_goes_looks_and_copies(
    demo: Pilot[None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await demo.press("O")
    await eventually(demo, lambda: isinstance(demo.app.screen, FilesScreen))
    files = demo.app.screen.query_one(FileList)
    await eventually(demo, lambda: "etc" in files.rows)
    await _put_on(demo, files, "etc")
    await demo.press("enter")
    await eventually(demo, lambda: "hostname" in files.rows)
    await _put_on(demo, files, "hostname")
    await demo.press("enter")
    session = face_of(demo).session
    name = session.targets[0].name
    await eventually(demo, lambda: f" {name} " in screen_text(demo).splitlines()[2])
    # Out, to where the cockpit was started.
    await demo.press("y")
    await eventually(demo, lambda: isinstance(demo.app.screen, CopyPathScreen))
    await demo.press("enter")
    await _agree(demo)
    await eventually(demo, lambda: (tmp_path / "hostname").is_file())
    assert (tmp_path / "hostname").read_text() == f"{name}\n"
    # In, where one is.
    (tmp_path / "brought").write_text("from here")
    await demo.press("p")
    await eventually(demo, lambda: isinstance(demo.app.screen, CopyPathScreen))
    demo.app.screen.query_one(Input).value = str(tmp_path / "brought")
    await demo.press("enter")
    await _agree(demo)
    await eventually(demo, lambda: "brought" in files.rows)
    await demo.press("h")
    await eventually(demo, lambda: files.cursor == "etc")
    # Its keys, each with a blank behind it.
    await demo.press("question_mark")
    await eventually(demo, lambda: "h left backspace up" in screen_text(demo))
    await demo.press("escape")
    await demo.press("escape")
    await eventually(demo, lambda: not isinstance(demo.app.screen, FilesScreen))


async def _agree(pilot: Pilot[None]) -> None:
    """How much is copied, and where to, is shown before."""
    await eventually(pilot, lambda: isinstance(pilot.app.screen, PlanScreen))
    assert "needs" in screen_text(pilot)
    await pilot.press("y")


async def _put_on(pilot: Pilot[None], files: FileList, row: str) -> None:
    await pilot.press("g")
    while files.cursor != row:
        await pilot.press("j")


def test_only_text_is_shown_and_harmless() -> None:
    shown = text_lines(GuestText("/x", b"a\x1b]0;evil\x07b\nsecond", truncated=True))
    texts = ["".join(text for text, _ in line) for line in shown]
    assert texts[:2] == ["ab", "second"]
    assert "left out" in texts[2]
    assert "no text" in text_lines(GuestText("/x", b"\x7fELF\0", truncated=False))[0][0][0]
