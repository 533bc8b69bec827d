"""The list of a large fleet comes in two: what fits on a screen, and when that is drawn all of it."""

import asyncio

import msgspec
import pytest

from clonebox_tui.model.rpc import FLEET as FLEET_METHOD
from clonebox_tui.model.rpc import Fleet, FleetChanged
from clonebox_tui.tui.face import Face
from clonebox_tui.tui.pane_layout import PaneLayout
from clonebox_tui.tui.screens.wizard import WizardScreen
from clonebox_tui.tui.widgets.details import Details
from clonebox_tui.tui.widgets.log_tail import LogTail
from clonebox_tui.tui.widgets.snapshot_tree import SnapshotTree
from tests.tui.conftest import Opened, eventually, face_of, screen_text
from tests.tui.fake_fleet import FLEET
from tests.tui.fake_wire import FakeWire
from tests.tui.test_keys import BY_NAME


class TwoLists(FakeWire):
    """Gives `first` machines at first; the whole list is held back until `released`."""

    def __init__(self) -> None:
        super().__init__()
        self.first = 3
        self.released = asyncio.Event()

    async def fleet(self) -> Fleet:
        """The beginning."""
        machines = tuple(self.machines.values())
        return Fleet(machines[: self.first], self.connections, 1, more=len(machines) - self.first)

    async def call(self, method: object, params: object) -> object:
        """The whole list, once it is released; everything else at once."""
        if method is not FLEET_METHOD:
            return await super().call(method, params)
        await self.released.wait()
        return Fleet(tuple(self.machines.values()), self.connections, 1)


@pytest.fixture
def wire() -> TwoLists:
    """The fixed fleet, in two parts."""
    return TwoLists()


async def test_what_fits_on_a_screen_comes_first_and_the_rest_after_it(
    opened: Opened, wire: TwoLists
) -> None:
    async with opened() as pilot:
        assert "web-dev" in screen_text(pilot)
        assert "sleepy" not in screen_text(pilot)
        # All are counted, but what is not known of them is not said.
        assert "8 machines" in screen_text(pilot)
        assert "running" not in screen_text(pilot).splitlines()[0]
        wire.released.set()
        await eventually(pilot, lambda: "sleepy" in screen_text(pilot))
        assert "8 machines · 4 running" in screen_text(pilot)


async def test_news_that_overtake_a_list_are_not_undone_by_it(opened: Opened, wire: TwoLists) -> None:
    async with opened() as pilot:
        wire.tell(FleetChanged(1, (msgspec.structs.replace(FLEET[6], name="older-than-the-list"),)))
        newer = msgspec.structs.replace(FLEET[7], name="renamed-later")
        wire.tell(FleetChanged(2, (newer,), (BY_NAME["build"],)))
        wire.released.set()
        await eventually(pilot, lambda: "renamed-later" in screen_text(pilot))
        text = screen_text(pilot)
        assert "sleepy" not in text
        assert "older-than-the-list" not in text
        assert BY_NAME["build"] not in face_of(pilot).session.machines


async def test_no_wizard_opens_while_a_fleet_is_on_its_way(opened: Opened, wire: TwoLists) -> None:
    wire.first = 0
    async with opened() as pilot:
        assert "No machine yet" not in screen_text(pilot)
        assert not isinstance(pilot.app.screen, WizardScreen)
        wire.released.set()
        await eventually(pilot, lambda: "web-dev" in screen_text(pilot))
        assert not isinstance(pilot.app.screen, WizardScreen)


async def test_a_key_for_a_pane_may_come_before_the_pane(opened: Opened, wire: TwoLists) -> None:
    async with opened() as pilot:
        cockpit = face_of(pilot).cockpit
        for part in ("#right", "TooSmall"):
            await cockpit.query_one(part).remove()
        cockpit.details = Details(cockpit.session, cockpit.glyphs, "details")
        cockpit.snapshot_tree = SnapshotTree(cockpit.session, cockpit.glyphs, "snapshots")
        cockpit.log_tail = LogTail("Log", False, "log")
        layout = PaneLayout(cockpit)
        layout.focus_pane("snapshots")
        assert layout.pane == "machines"
        await layout.furnish()
        assert layout.pane == "snapshots"


async def test_who_leaves_before_the_first_picture_is_not_held_up_by_it(wire: TwoLists) -> None:
    async def connect() -> FakeWire:
        return wire

    face = Face(connect)  # type: ignore[arg-type]
    async with face.run_test():
        pass
    face.paint()
