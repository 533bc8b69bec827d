"""The command line hears what is typed at once, and knows what was run in cockpits before it."""

from pathlib import Path

import pytest
from textual.events import Key

from clonebox_tui.tui.screens.cockpit import Cockpit
from tests.tui.conftest import Opened, face_of, settled
from tests.tui.test_prompts import line_of, type_line


async def test_letters_close_behind_a_colon_are_no_commands(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        for key, letter in (("colon", ":"), ("x", "x"), ("J", "J")):
            pilot.app.post_message(Key(key, letter))
        await settled(pilot)
        await pilot.press("q")
        assert line_of(pilot).endswith("q")
        assert isinstance(pilot.app.screen, Cockpit)


@pytest.mark.slow
async def test_what_was_run_is_there_the_next_time_but_no_secrets(opened: Opened, tmp_path: Path) -> None:
    kept = tmp_path / "state" / "commands"

    async def run_and_recall(*lines: str) -> list[str]:
        async with opened() as pilot:
            face_of(pilot).session.where.commands = kept
            for line in lines:
                await type_line(pilot, line, "enter")
                await settled(pilot)
            await type_line(pilot, "", "up")
            recalled = [line_of(pilot)]
            while await pilot.press("up") or line_of(pilot) != recalled[-1]:
                recalled.append(line_of(pilot))
            return recalled

    typed = (
        "filter web",
        "filter",
        "note the password is hunter2",
        " filter state:off",
        "hunter2",
        "filter web",
    )
    assert await run_and_recall(*typed) == ["filter web", *typed[4:1:-1], "filter"]
    assert kept.read_text() == "filter\nfilter web\n"
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    kept.write_bytes(b"filter db\n\x1b]52;c;aGk=\x07\nfilter\n")
    assert await run_and_recall("filter web") == ["filter web", "filter", "filter db"]
    kept.unlink()
    kept.mkdir()
    assert await run_and_recall("filter web") == ["filter web"]
