"""What was deleted comes back by a key, is purged by another; undo shows what it means before it does it."""

import pytest

from clonebox_tui.model.acts import DeleteSnapshot, PurgeMachine, UntrashMachine, UntrashSnapshots
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Trash, Undo
from tests.tui.conftest import Opened, screen_text, settled
from tests.tui.trash_wire import DEED, GONE, HIDDEN, TrashWire


@pytest.fixture
def wire() -> TrashWire:
    return TrashWire()


async def test_the_trash_tells_until_when_and_brings_back(opened: Opened, wire: TrashWire) -> None:
    async with opened() as pilot:
        await pilot.press("Z")
        await settled(pilot)
        text = screen_text(pilot)
        assert all(
            words in text for words in ("old-shop", "Trash 2", "6 d left", "web-dev › experiment", "3 GiB")
        )
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("j", "R")
        await settled(pilot)
        assert wire.acts() == [UntrashMachine(GONE.machine), UntrashSnapshots(HIDDEN.machine, (HIDDEN.name,))]


async def test_purging_is_another_key(opened: Opened, wire: TrashWire) -> None:
    async with opened() as pilot:
        await pilot.press("Z")
        await settled(pilot)
        await pilot.press("D")
        await settled(pilot)
        await pilot.press("j", "D")
        await settled(pilot)
        assert wire.acts() == [PurgeMachine(GONE.machine), DeleteSnapshot(HIDDEN.machine, HIDDEN.name)]


async def test_an_empty_trash_says_so_and_keys_do_nothing(opened: Opened, wire: TrashWire) -> None:
    wire.kept = Trash()
    async with opened() as pilot:
        await pilot.press("Z")
        await settled(pilot)
        assert "The trash is empty." in screen_text(pilot)
        assert screen_text(pilot).splitlines()[-1].split() == ["esc", "back"]
        await pilot.press("enter", "D", "escape")
        await settled(pilot)
        assert wire.acts() == []


async def test_readonly_brings_nothing_back(opened: Opened, wire: TrashWire) -> None:
    async with opened(readonly=True) as pilot:
        await pilot.press("Z")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("escape", "u")
        await settled(pilot)
        assert (wire.acts(), wire.undone) == ([], [])


@pytest.mark.parametrize(("key", "redo"), [("u", False), ("U", True)])
async def test_undo_shows_its_plan_first(opened: Opened, wire: TrashWire, key: str, redo: bool) -> None:
    async with opened() as pilot:
        await pilot.press(key)
        await settled(pilot)
        assert DEED.title in screen_text(pilot)
        await pilot.press("enter")  # on Cancel
        await settled(pilot)
        assert wire.undone == []
        await pilot.press(key)
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert wire.undone == [Undo(DEED.id, redo, "f2")]


async def test_what_cannot_be_undone_any_more_is_told(
    opened: Opened, wire: TrashWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_params: object) -> object:
        raise problem(Code.PLAN_STALE, "It cannot be undone any more.", "Others wrote there.", "Undo again.")

    monkeypatch.setattr(wire, "_undo_plan", refuse)
    async with opened(messages=True) as pilot:
        await pilot.press("u")
        await settled(pilot)
        told = " ".join(f"{each.title} {each.message}" for each in pilot.app._notifications)
        assert "It cannot be undone any more." in told
