"""The snapshot tree's further actions, by keys: fork, compare, bring back, search, and what they send."""

import pytest
from msgspec.structs import replace
from textual.widgets import Button, Input

from clonebox_tui.model.acts import (
    BisectMachine,
    CreateSnapshot,
    ForkMachine,
    RestorePath,
    SetSnapshotPolicy,
    TrashSnapshot,
)
from clonebox_tui.model.difference import DiffWanted
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.snapshot_policy import SnapshotPolicy
from clonebox_tui.tui.face import Face
from clonebox_tui.tui.screens.bring_back import BringBackScreen
from clonebox_tui.tui.screens.difference import DifferenceScreen
from clonebox_tui.tui.screens.fork import ForkScreen, proposed_name
from clonebox_tui.tui.screens.plan import PlanScreen
from clonebox_tui.tui.screens.snapshot_policy import SnapshotPolicyScreen
from clonebox_tui.tui.widgets.tick_box import TickBox
from tests.tui.conftest import Opened, eventually, screen_text, settled
from tests.tui.fake_fleet import FLEET
from tests.tui.fake_wire import FakeWire
from tests.tui.moments_wire import FOUND, MomentsWire

WEB = FLEET[0].id


@pytest.fixture
def wire() -> FakeWire:
    return MomentsWire()


async def _in_tree(pilot: object, *keys: str) -> None:
    """On web-dev, its tree in focus, the cursor on `before-upgrade`."""
    face = pilot.app  # type: ignore[attr-defined]
    assert isinstance(face, Face)
    face.cockpit.machine_list.put_cursor(WEB)
    await settled(pilot)  # type: ignore[arg-type]
    await pilot.press("p", *keys)  # type: ignore[attr-defined]
    await settled(pilot)  # type: ignore[arg-type]


async def test_a_fork_is_named_numbered_and_planned(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await _in_tree(pilot, "F")
        screen = pilot.app.screen
        assert isinstance(screen, ForkScreen)
        assert screen.query_one("#name", Input).value == "web-dev-before-upgrade"
        screen.query_one("#name", Input).value = "db"
        await pilot.pause()
        assert screen.query_one("#go", Button).disabled
        screen.query_one("#name", Input).value = "try"
        screen.query_one("#count", Input).value = "3"
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot)
        assert ForkMachine(WEB, ("try-1", "try-2", "try-3"), "before-upgrade") in wire.acts()


async def test_what_takes_room_is_shown_before_it_is_done(opened: Opened, wire: FakeWire) -> None:
    wire.plans["machine.fork"] = Plan("machine.fork", "Fork web-dev", (), "f", bytes_needed=3 << 30)
    async with opened() as pilot:
        await _in_tree(pilot, "F")
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(pilot.app.screen, PlanScreen)
        await eventually(pilot, lambda: "needs" in screen_text(pilot) and "3 GiB" in screen_text(pilot))
        assert wire.acts() == []
        await pilot.press("y")
        await settled(pilot)
        assert [type(act) for act in wire.acts()] == [ForkMachine]


async def test_the_machine_itself_is_forked_from_the_list(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        assert isinstance(pilot.app, Face)
        pilot.app.cockpit.machine_list.put_cursor(WEB)
        await settled(pilot)
        await pilot.press("F")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert ForkMachine(WEB, ("web-dev-fork",)) in wire.acts()


async def test_a_comparison_is_with_now_or_with_the_marked_one(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await _in_tree(pilot, "d")
        assert isinstance(pilot.app.screen, DifferenceScreen)
        assert ("snapshot.diff", DiffWanted(WEB, "before-upgrade", "")) in wire.asked
        shown = screen_text(pilot)
        for word in ("Packages 3", "jq", "redis-server.service", "deploy", "/etc/nginx/nginx.conf"):
            assert word in shown
        await pilot.press("escape", "space", "j", "d")
        await settled(pilot)
        assert ("snapshot.diff", DiffWanted(WEB, "before-upgrade", "experiment")) in wire.asked


async def test_a_file_of_a_comparison_is_brought_back(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await _in_tree(pilot, "d")
        await pilot.press(*("j",) * 10)
        await pilot.pause()
        assert "worker_rlimit_nofile" in screen_text(pilot)
        await pilot.press("f")
        await settled(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, BringBackScreen)
        assert screen.query_one("#target", Input).value == "web-dev:/etc/nginx/nginx.conf"
        await pilot.press("enter")
        await settled(pilot)
        path = "/etc/nginx/nginx.conf"
        assert RestorePath(WEB, "before-upgrade", path, path, WEB) in wire.acts()


async def test_nothing_differs_and_what_cannot_be_told(opened: Opened, wire: FakeWire) -> None:
    assert isinstance(wire, MomentsWire)
    wire.found = replace(FOUND, files=(), packages=(), services=(), users=())
    async with opened() as pilot:
        await _in_tree(pilot, "d")
        assert "Nothing differs" in screen_text(pilot)
        await pilot.press("escape")
        wire.found = None
        await pilot.press("d")
        await settled(pilot)
        assert "The disk cannot be looked into." in screen_text(pilot)


async def test_a_search_and_a_branch_that_goes(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await _in_tree(pilot, "b")
        pilot.app.screen.query_one("#check", Input).value = "sh -c 'test -e /x y'"
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot)
        assert BisectMachine(WEB, "before-upgrade", ("sh", "-c", "test -e /x y")) in wire.acts()
        await pilot.press("X")
        await settled(pilot)
        await pilot.press("y")
        await settled(pilot)
        assert TrashSnapshot(WEB, "before-upgrade", children=True) in wire.acts()
        await pilot.press("t")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        (taken,) = [act for act in wire.acts() if isinstance(act, CreateSnapshot)]
        assert (taken.memory, taken.settle) == (True, True)


async def test_snapshots_by_themselves(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await _in_tree(pilot, "a")
        screen = pilot.app.screen
        assert isinstance(screen, SnapshotPolicyScreen)
        for field, text, wrong in (("every_hours", "often", True), ("every_hours", "6", False)):
            screen.query_one(f"#{field}", Input).value = text
            await pilot.pause()
            assert screen.query_one("#go", Button).disabled is wrong
        screen.query_one("#keep_daily", Input).value = "7"
        screen.query_one("#keep_before", Input).focus()
        await pilot.press("backspace", "5")
        screen.query_one("#before_risky", TickBox).focus()
        await pilot.press("space", "enter")  # enter is the form's, on a box too
        await settled(pilot)
        wanted = SnapshotPolicy(6.0, 3, 7, before_risky=True, keep_before=5)
        assert SetSnapshotPolicy(WEB, wanted, SnapshotPolicy()) in wire.acts()


def test_a_proposed_name_is_one_a_machine_can_have() -> None:
    assert proposed_name("web", "before upgrade/2 ü", set()) == "web-before-upgrade-2"
    assert proposed_name("web", "a", {"web-a", "web-a-2"}) == "web-a-3"
