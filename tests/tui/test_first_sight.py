"""What somebody stumbles over who sees the cockpit for the first time, on whatever terminal."""

import msgspec
import pytest

from clonebox_tui.model.connection import Connection, HostReading, Link
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.rpc import FleetChanged, Samples
from clonebox_tui.tui.presentation.glyphs import ASCII, UNICODE, Glyphs, glyphs_for
from clonebox_tui.tui.presentation.plan_text import cost_lines
from clonebox_tui.tui.session import Session
from tests.tui.conftest import Opened, screen_text, settled
from tests.tui.fake_wire import FLEET, NOW, URI, reading

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
