"""The wizard by keyboard only, over the real worker and its simulated fleet."""

import re
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from clonebox_tui.tui.screens.wizard import WizardScreen
from tests.tui.conftest import eventually, face_of, screen_text, settled


def wizard(pilot: Pilot[None]) -> WizardScreen:
    screen = pilot.app.screen
    assert isinstance(screen, WizardScreen)
    return screen


async def go_on(pilot: Pilot[None], until: str, key: str = "enter") -> None:
    """Press a key and wait for a text."""
    await pilot.press(key)
    await eventually(pilot, lambda: until in screen_text(pilot))


async def to_the_form(pilot: Pilot[None]) -> None:
    await go_on(pilot, "Which folder", "n")
    await go_on(pilot, "What was found")
    await eventually(pilot, lambda: not wizard(pilot).draft.detecting)
    await go_on(pilot, "processors")
    await settled(pilot)


@pytest.mark.slow
async def test_a_clone_from_the_first_key_to_the_new_machine(demo: Pilot[None], folder: Path) -> None:
    before = set(face_of(demo).session.machines)
    await to_the_form(demo)
    assert str(folder) in demo.app.screen.query_one("#field-shares", TextArea).text
    name = demo.app.screen.query_one("#field-name", Input)
    name.value = ""
    await demo.press(*"shop-1")
    await go_on(demo, "build it")
    await settled(demo)
    assert "name: shop-1" in screen_text(demo)
    assert not (folder / ".clonebox.yaml").exists()
    assert set(face_of(demo).session.machines) == before
    await go_on(demo, "succeeded")
    await eventually(demo, lambda: "shop-1 is ready" in screen_text(demo))
    await demo.press("enter")
    await settled(demo)
    session = face_of(demo).session
    assert session.machine is not None
    assert session.machine.name == "shop-1"


async def test_a_bad_field_is_explained_in_place_and_stops_the_way(demo: Pilot[None], folder: Path) -> None:
    await to_the_form(demo)
    demo.app.screen.query_one("#field-vcpus", Input).value = "many"
    await eventually(demo, lambda: "a whole number from 1" in screen_text(demo))
    demo.app.screen.query_one("#field-name", Input).value = "a b/../c"
    await eventually(demo, lambda: screen_text(demo).count("!") >= 2)
    await demo.press("enter")
    await settled(demo)
    assert "processors" in screen_text(demo)
    assert demo.app.focused is demo.app.screen.query_one("#field-name")


async def test_space_toggles_and_the_filter_narrows(demo: Pilot[None], folder: Path) -> None:
    await go_on(demo, "Which folder", "n")
    await go_on(demo, "What was found")
    await eventually(demo, lambda: not wizard(demo).draft.detecting)
    draft = wizard(demo).draft
    first = next(item for item in draft.items.values() if draft.is_chosen(item))
    await demo.press("slash", *first.name[-6:])
    await demo.press("enter")
    await settled(demo)
    tree = demo.app.screen.query_one("#wizard-items")
    assert 0 < len(tree.rows) < len(draft.items)  # type: ignore[attr-defined]
    tree.put_cursor(first.id)  # type: ignore[attr-defined]
    await demo.press("space")
    assert not draft.is_chosen(first)
    await demo.press("space")
    assert draft.is_chosen(first)
    field = demo.app.screen.query_one("#wizard-filter", Input)
    field.value = f"^{re.escape(first.name)}$"
    await eventually(demo, lambda: tree.rows[1:] == [first.id])  # type: ignore[attr-defined]
    field.value = f"!{field.value}"
    await eventually(demo, lambda: len(tree.rows) > 2)  # type: ignore[attr-defined]
    assert first.id not in tree.rows  # type: ignore[attr-defined]
    field.value = "nothing is called so"
    await eventually(demo, lambda: "Nothing matches." in screen_text(demo))
    assert "space chooses" not in screen_text(demo)
    field.value = "["
    await eventually(demo, lambda: "not a regular expression" in screen_text(demo))


@pytest.mark.slow
async def test_going_back_and_leaving_loses_nothing(demo: Pilot[None], folder: Path) -> None:
    await to_the_form(demo)
    demo.app.screen.query_one("#field-name", Input).value = "kept"
    await settled(demo)
    await demo.press("escape")
    await settled(demo)
    await go_on(demo, "processors")
    assert demo.app.screen.query_one("#field-name", Input).value == "kept"
    await go_on(demo, "What was found", "escape")
    await go_on(demo, "Which folder", "escape")
    await demo.press("escape")
    await eventually(demo, lambda: not isinstance(demo.app.screen, WizardScreen))
    await go_on(demo, "Which folder", "n")
    await go_on(demo, "What was found")
    await go_on(demo, "processors")
    assert demo.app.screen.query_one("#field-name", Input).value == "kept"


async def test_a_folder_with_its_file_goes_straight_to_the_plan(demo: Pilot[None], folder: Path) -> None:
    (folder / ".clonebox.yaml").write_text("vm:\n  name: from-file\n  ram_mb: 1024\n")
    await go_on(demo, "Which folder", "n")
    await go_on(demo, "own project file")
    assert "from-file" in screen_text(demo)
    await demo.press("escape")
    await settled(demo)
    assert "Which folder" in screen_text(demo)


async def test_a_folder_that_is_not_there_is_said(demo: Pilot[None], folder: Path) -> None:
    await go_on(demo, "Which folder", "n")
    demo.app.screen.query_one("#wizard-folder", Input).value = str(folder / "gone")
    await go_on(demo, "gone")
    await settled(demo)
    assert "Which folder" in screen_text(demo)
    assert str(demo.app.screen.query_one("#wizard-folder-fault").render())  # type: ignore[attr-defined]


async def test_a_fix_is_offered_only_where_there_is_one(demo: Pilot[None], folder: Path) -> None:
    del folder
    await go_on(demo, "acceleration", "n")
    survey = wizard(demo).draft.survey
    assert survey is not None
    for fixable in (True, False):
        checks = tuple(msgspec.structs.replace(check, fixable=fixable) for check in survey.checks)
        wizard(demo).draft.survey = msgspec.structs.replace(survey, checks=checks)
        wizard(demo).renew_keys()
        await demo.pause()
        assert "f fix" not in screen_text(demo).splitlines()[-1], "typed into the field it is a letter"
        await demo.press("tab")
        await demo.pause()
        assert ("f fix" in screen_text(demo).splitlines()[-1]) is fixable
        await demo.press("shift+tab")
        await demo.pause()
