"""What somebody stumbles over who sees the cockpit for the first time, on whatever terminal."""

import msgspec
import pytest

from clonebox_tui.model.connection import Connection, HostReading, Link
from clonebox_tui.model.environment import DetectedKind
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Chunk, FleetChanged, Samples
from clonebox_tui.tui.presentation.glyphs import ASCII, UNICODE, Glyphs, glyphs_for
from clonebox_tui.tui.presentation.plan_text import cost_lines
from clonebox_tui.tui.screens.wizard.items import ItemTree
from clonebox_tui.tui.session import Session
from snapshots_tests.project import ITEMS, ProjectWire
from tests.tui.conftest import Opened, screen_text, settled
from tests.tui.fake_fleet import FLEET, NOW, URI, reading
from tests.tui.fake_wire import FakeWire

OTHER = "qemu:///system"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "de_DE.UTF-8"}, UNICODE),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, ASCII),
        ({"LANG": "C"}, ASCII),
        ({"LC_CTYPE": "C.UTF-8"}, UNICODE),
        ({"LANG": "C", "LC_ALL": "en_US.UTF-8"}, UNICODE),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, ASCII),
        ({"LANG": "de_DE.UTF-8", "TERM": "linux"}, ASCII),
    ],
)
def test_signs_are_those_that_the_terminal_can_show(environment: dict[str, str], expected: Glyphs) -> None:
    assert glyphs_for(environment) is expected


async def test_a_log_that_came_before_its_pane_was_seen_is_there_at_once(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("l")
        await settled(pilot)
        assert "clonebox: ready after 23.4 s" in screen_text(pilot)


async def test_at_80_columns_the_header_shows_no_sign_without_its_name(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        assert "⌂ qemu:///session" in screen_text(pilot).splitlines()[0]
        await pilot.press("2")
        await settled(pilot)
        assert "⌂" not in screen_text(pilot).splitlines()[0]


def test_only_the_connections_asked_for_are_shown_whatever_else_the_worker_has() -> None:
    session = Session(only=(URI,))
    stranger = msgspec.structs.replace(FLEET[0], id=f"{OTHER}/1", connection=OTHER, name="stranger")
    links = tuple(Connection(uri, Link.UP, NOW, "libvirt") for uri in (OTHER, URI))
    session.apply(FleetChanged(1, (*FLEET, stranger), (), links, whole=True))
    session.apply(Samples(NOW, tuple(map(reading, (FLEET[0], stranger))), (HostReading(OTHER, 5.0, 1, 2),)))
    assert set(session.machines) == {each.id for each in FLEET}
    assert set(session.connections) == {URI}
    assert set(session.readings) == {FLEET[0].id}
    assert not session.hosts


def test_a_plan_that_costs_nothing_does_not_speak_of_costs() -> None:
    free = Plan("machine.stop", "Stop web", (), "f", undo="Start the machine.")
    words = [line[0][0].strip() for line in cost_lines(free)]
    assert words == ["way back"]
    dear = msgspec.structs.replace(free, bytes_needed=1 << 30, downtime_seconds=3.0)
    assert [line[0][0].strip() for line in cost_lines(dear)] == ["needs", "interrupts", "way back"]


class _InTwoParts(ProjectWire):
    """Detection tells of services before it tells of the folder itself."""

    def __init__(self) -> None:
        super().__init__()
        service = tuple(each for each in ITEMS if each.kind is DetectedKind.SERVICE)
        self.replies["detect.start"] = (Chunk(3, 1, items=service), Chunk(3, 2, items=ITEMS, end=True))


@pytest.fixture
def wire(request: pytest.FixtureRequest) -> FakeWire:
    """The fixed fleet; a folder to clone where a test asks for one."""
    return _InTwoParts() if "found" in request.node.name else FakeWire()


async def test_what_is_found_later_above_does_not_push_the_beginning_away(opened: Opened) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("n")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        tree = pilot.app.screen.query_one(ItemTree)
        assert tree.cursor == tree.rows[0]
        assert tree.top == 0
        assert "Projects" in screen_text(pilot)


async def test_a_folder_that_cannot_be_is_said_once_with_what_to_do(
    opened: Opened, wire: FakeWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> object:
        raise problem(Code.FILE_NOT_FOUND, "There is no folder /nowhere.", next="Check the path.")

    monkeypatch.setattr(wire, "_clone_prepare", refuse, raising=False)
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("n")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert screen_text(pilot).count("There is no folder /nowhere.") == 1
        assert "Check the path." in screen_text(pilot)
