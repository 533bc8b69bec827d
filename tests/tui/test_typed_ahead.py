"""Keys that come faster than what they ask for opens: nothing breaks, and nothing happens twice."""

import asyncio
import random
from itertools import product
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from clonebox_tui.tui.actions import ACTIONS
from clonebox_tui.tui.screens.wizard import WizardScreen
from clonebox_tui.tui.screens.wizard.state import STEPS
from clonebox_tui.tui.widgets.prompt_line import PromptLine
from tests.tui.conftest import Opened, eventually, face_of, screen_text, settled

PLAN_STEP = STEPS.index("Plan")
PAUSES_SECONDS = (0, 0.002, 0.01, 0.03, 0.08)


def _press(pilot: Pilot[None], key: str) -> None:
    """As a terminal does it: nobody waits until the key before was served."""
    pilot.app.post_message(events.Key(key, "\r" if key == "enter" else key if len(key) == 1 else None))


async def _stays_up(pilot: Pilot[None]) -> None:
    await settled(pilot)
    assert pilot.app.is_running, pilot.app._exception


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
async def test_the_wizard_s_steps_back_and_forth(demo: Pilot[None], folder: Path, seed: int) -> None:
    del folder
    chance = random.Random(seed)
    for _ in range(60):
        screen = demo.app.screen
        if screen is face_of(demo).cockpit:
            _press(demo, "n")
        elif not isinstance(screen, WizardScreen) or screen.draft.step == PLAN_STEP:
            _press(demo, "escape")  # a key too many came to the cockpit; what builds is another test
        else:
            _press(demo, chance.choice(("enter", "escape", "enter", "escape", "ctrl+n")))
        await asyncio.sleep(chance.choice(PAUSES_SECONDS))
        assert demo.app.is_running, demo.app._exception
    await _stays_up(demo)
    for _ in STEPS:
        if demo.app.screen is not face_of(demo).cockpit:
            await demo.press("escape")
            await settled(demo)
    assert demo.app.screen is face_of(demo).cockpit


async def test_no_plan_is_agreed_to_before_it_is_seen(demo: Pilot[None], folder: Path) -> None:
    (folder / ".clonebox.yaml").write_text("vm:\n  name: unseen\n  ram_mb: 1024\n")
    await demo.press("n")
    await eventually(demo, lambda: "Which folder" in screen_text(demo))
    for _ in range(5):
        _press(demo, "enter")
    await eventually(demo, lambda: "build it" in screen_text(demo))
    await _stays_up(demo)
    assert "build it" in screen_text(demo)
    assert not face_of(demo).session.jobs


@pytest.mark.slow
async def test_an_enter_whose_turn_comes_late_is_no_yes_to_what_was_not_there_when_it_was_typed(
    demo: Pilot[None], folder: Path
) -> None:
    (folder / ".clonebox.yaml").write_text("vm:\n  name: late\n  ram_mb: 1024\n")
    await demo.press("n")
    await eventually(demo, lambda: "Which folder" in screen_text(demo))
    waiting = events.Key("enter", "\r")  # typed now; on a busy host it waits for those before it
    await demo.press("enter")
    await eventually(demo, lambda: "build it" in screen_text(demo))
    demo.app.post_message(waiting)
    await _stays_up(demo)
    assert "build it" in screen_text(demo)
    assert not face_of(demo).session.jobs
    await demo.press("enter")
    await eventually(demo, lambda: "late is ready" in screen_text(demo))


@pytest.mark.slow
async def test_enter_at_the_plan_again_and_again_builds_one(demo: Pilot[None], folder: Path) -> None:
    session = face_of(demo).session
    (folder / ".clonebox.yaml").write_text("vm:\n  name: once\n  ram_mb: 1024\n")
    for text, key in (("Which folder", "n"), ("build it", "enter")):
        await demo.press(key)
        await eventually(demo, lambda text=text: text in screen_text(demo))  # type: ignore[misc]
    for _ in range(3):
        _press(demo, "enter")
    await eventually(demo, lambda: "once is ready" in screen_text(demo))
    assert [each.name for each in session.jobs.values()] == ["once"]
    assert [each.name for each in session.machines.values()].count("once") == 1


NOT_PRESSED = {"quit", "ssh", "suspend", "console"}
"""These leave the screen, or the keys, to somebody else."""


@pytest.mark.slow
@pytest.mark.parametrize("after", ["escape", "escape escape", "enter enter escape"])
async def test_each_screen_opened_and_left_in_one_breath(opened: Opened, after: str) -> None:
    async with opened(size=(80, 24)) as pilot:
        cockpit = face_of(pilot).cockpit
        for action, pause in product(ACTIONS, PAUSES_SECONDS[:3]):
            if action.id in NOT_PRESSED or not action.keys:
                continue
            cockpit.panes.focus_pane(action.pane or "machines")
            for key in (action.keys[0], *after.split()):
                _press(pilot, key)
                await asyncio.sleep(pause)
            for _ in range(20):
                await pilot.pause(0.02)
                assert pilot.app.is_running, (action.id, pilot.app._exception)
                if pilot.app.screen is cockpit and not cockpit.query(PromptLine):
                    break
                await pilot.press("escape")
            assert pilot.app.screen is cockpit, action.id


async def test_what_comes_when_the_program_has_ended_is_dropped(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("J")
        await settled(pilot)
        screen, face = face_of(pilot).screen, face_of(pilot)
    with face._context():
        await screen.dismiss()
        await face.on_event(events.Key("j", "j"))


async def test_a_command_and_enter_twice_in_one_piece_is_run_once(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        for key in ("colon", *"jobs", "enter", "enter"):
            _press(pilot, key)
        await _stays_up(pilot)
        assert [type(screen).__name__ for screen in pilot.app.screen_stack[1:]] == ["JobsScreen"]


async def test_enter_twice_in_the_palette_runs_the_action_once(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.press(*"trash")
        await _stays_up(pilot)
        for _ in range(3):
            _press(pilot, "enter")
        await _stays_up(pilot)
        assert [type(screen).__name__ for screen in pilot.app.screen_stack[1:]] == ["TrashScreen"]
