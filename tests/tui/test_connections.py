"""Several hosts on one screen: which machine is where, which host is believed, which one is left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from textual.pilot import Pilot

from clonebox_tui.model.acts import StartMachine
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.rpc import AddConnection, OnUri, Trust
from clonebox_tui.tui.face import Face
from clonebox_tui.tui.session import Session
from tests.tui.conftest import eventually, face_of, screen_text, settled
from tests.tui.fake_fleet import NOW, URI
from tests.tui.fake_wire import FakeWire
from tests.tui.hosts_wire import NEW, TWIN, WEB, HostsWire


@asynccontextmanager
async def cockpit(
    wire: FakeWire, size: tuple[int, int] = (120, 40), readonly: bool = False
) -> AsyncIterator[Pilot[None]]:
    """A cockpit on these hosts."""

    async def connect() -> FakeWire:
        return wire

    face = Face(connect, Session(clock=lambda: NOW, readonly=readonly))  # type: ignore[arg-type]
    async with face.run_test(size=size) as pilot:
        await settled(pilot)
        yield pilot


def asked(wire: FakeWire, name: str) -> list[object]:
    """The parameters of every call of a method."""
    return [params for called, params in wire.asked if called == name]


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_each_row_says_its_host_where_there_are_several(size: tuple[int, int]) -> None:
    async with cockpit(HostsWire(), size) as pilot:
        rows = [line for line in screen_text(pilot).splitlines() if "web-dev" in line[:40]]
        said = [("web1" in row[:44], "session" in row[:44]) for row in rows]
        assert sorted(said) == [(False, True), (True, False)]


async def test_a_long_name_leaves_room_for_what_is_wrong_with_the_host() -> None:
    wire = FakeWire()
    long = "qemu+ssh://operator@kvm-host-17.example.com:2222/system"
    wire.connections = (Connection(long, Link.DOWN, NOW - 300, "libvirt", retry_at=NOW + 9),)
    async with cockpit(wire, (80, 24)) as pilot:
        assert "down 5 min · retry in 9 s" in screen_text(pilot).splitlines()[0]
    wire.connections = (msgspec.structs.replace(wire.connections[0], retry_at=NOW - 4),)
    async with cockpit(wire, (80, 24)) as pilot:
        assert "down 5 min · retrying" in screen_text(pilot).splitlines()[0]
        await pilot.press("C")
        await settled(pilot)
        assert "down 5 min, retrying" in screen_text(pilot)


async def test_one_host_alone_is_not_said() -> None:
    async with cockpit(FakeWire()) as pilot:
        assert face_of(pilot).session.where.widest == 0
        assert "session" not in screen_text(pilot).split("\n", 1)[1]


async def test_what_is_asked_and_what_is_done_name_the_host() -> None:
    wire = HostsWire()
    wire.plans["machine.kill"] = Plan(
        "machine.kill", "Kill web-dev", (PlanStep("kill", "Pull the plug"),), "f",
        TWIN.id, "web-dev", destructive=True, reversible=False,
    )  # fmt: skip
    async with cockpit(wire) as pilot:
        face = face_of(pilot)
        face.cockpit.machine_list.put_cursor(TWIN.id)
        await settled(pilot)
        assert "web-dev on web1" in screen_text(pilot)
        await pilot.press("K")
        await settled(pilot)
        assert "Kill web-dev on web1" in screen_text(pilot)
        await pilot.press("escape")
        await face.session.call(_RUN, _Params(StartMachine(TWIN.id)))
        face.cockpit.changed(face.session.take_jobs(tuple(wire.jobs)))
        await settled(pilot)
        assert "machine.start web-dev on web1" in screen_text(pilot)


class _Run:
    name = "act.run"


class _Params:
    def __init__(self, act: StartMachine) -> None:
        self.act = act


_RUN: object = _Run()


async def test_a_new_host_is_asked_about_once_and_believed_only_on_yes() -> None:
    wire = HostsWire(unknown=True)
    async with cockpit(wire) as pilot:
        assert "SHA256:J2MBplkqneOKA6Ddd7tFTme5OrQwjRAgISC27SC9pIg" in screen_text(pilot)
        await pilot.press("enter")  # Cancel has the focus
        await settled(pilot)
        assert asked(wire, "connection.trust") == []
        await pilot.press("C", "g")
        await settled(pilot)
        text = screen_text(pilot)
        assert "down 12 s, retry in 48 s" in text
        await pilot.press("t")
        await settled(pilot)
        await pilot.press("y")
        await eventually(pilot, lambda: "retry in" not in screen_text(pilot))
        (trust,) = asked(wire, "connection.trust")
        assert isinstance(trust, Trust)
        assert (trust.uri, len(trust.fingerprints), trust.replace) == (NEW, 1, False)


async def test_a_changed_key_is_shown_beside_the_old_one() -> None:
    async with cockpit(HostsWire(unknown=True, changed=True)) as pilot:
        text = screen_text(pilot)
        assert "THE HOST KEY HAS CHANGED" in text
        assert text.count("SHA256:") >= 2


async def test_connections_are_added_tried_again_and_left() -> None:
    wire = HostsWire()
    async with cockpit(wire) as pilot:
        await pilot.press("C", "a")
        await settled(pilot)
        await pilot.press(*"web2", "enter")
        assert "names a driver first" in screen_text(pilot)
        await pilot.press("ctrl+u", *"qemu+ssh://web2/system", "enter")
        await settled(pilot)
        assert asked(wire, "connection.add") == [AddConnection("qemu+ssh://web2/system")]
        await pilot.press("G", "r")
        await settled(pilot)
        last = sorted((URI, WEB))[-1]
        assert asked(wire, "connection.retry") == [OnUri(last)]
        await pilot.press("g", "D")
        await settled(pilot)
        assert "they run on" in screen_text(pilot)
        await pilot.press("y")
        await settled(pilot)
        session = face_of(pilot).session
        assert list(session.connections) == [URI]
        assert {each.connection for each in session.machines.values()} == {URI}
        assert session.where.label(URI) == ""


async def test_reading_only_asks_and_changes_nothing() -> None:
    wire = HostsWire(unknown=True)
    async with cockpit(wire, readonly=True) as pilot:
        assert "SHA256" not in screen_text(pilot)
        await pilot.press("C", "t", "a", "D")
        await settled(pilot)
        assert not [name for name in wire.names() if name.startswith("connection.")]
