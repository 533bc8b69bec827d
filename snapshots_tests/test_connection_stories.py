"""Several hosts: machines of one name told apart, the connections, a host that is new."""

from collections.abc import Callable

import pytest

from snapshots_tests.stories import DARK, LIGHT, SMALL, WIDE, cockpit, story
from tests.tui.hosts_wire import HostsWire

Compare = Callable[..., bool]

SIZES = pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])


@SIZES
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_machines_of_two_hosts(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    wire = HostsWire()
    assert snap_compare(cockpit(wire, theme), terminal_size=size, run_before=story(wire))


@SIZES
def test_a_host_that_is_new(snap_compare: Compare, size: tuple[int, int]) -> None:
    wire = HostsWire(unknown=True)
    assert snap_compare(cockpit(wire, DARK), terminal_size=size, run_before=story(wire))


@SIZES
def test_connections(snap_compare: Compare, size: tuple[int, int]) -> None:
    wire = HostsWire(unknown=True)
    keys = ("escape", ".", "C", "g")
    assert snap_compare(cockpit(wire, DARK), terminal_size=size, run_before=story(wire, *keys))
