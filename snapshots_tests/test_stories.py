"""What a person sees, feature by feature; a change of any cell has to be looked at and agreed to."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.model.rpc import Chunk, FleetChanged
from snapshots_tests.project import FOLDER, ProjectWire
from snapshots_tests.stories import DARK, LIGHT, SMALL, WIDE, Scene, busy_wire, cockpit, story
from tests.tui.fake_wire import NOW, URI, FakeWire

if TYPE_CHECKING:
    from textual.app import App

Compare = Callable[..., bool]

LOOKS = pytest.mark.parametrize(
    ("theme", "size"),
    [(DARK, WIDE), (LIGHT, WIDE), (DARK, SMALL), (LIGHT, SMALL)],
    ids=["dark-120", "light-120", "dark-80", "light-80"],
)

RESTORE = Plan(
    "snapshot.restore",
    "Restore before-upgrade of web-dev",
    (
        PlanStep(
            "safety",
            "Take a safety snapshot",
            "virDomainSnapshotCreateXML(safety)",
            "virsh snapshot-create-as",
        ),
        PlanStep(
            "revert", "Go back", "virDomainRevertToSnapshot(before-upgrade)", "virsh snapshot-revert web-dev"
        ),
        PlanStep("clock", "Set the guest's clock", "guest-set-time()"),
    ),
    "f",
    bytes_needed=300 << 20,
    downtime_seconds=4,
    destructive=True,
    undo="restore the safety snapshot",
    warnings=("Files in live shares are not rolled back: /home/dev/web",),
)

DELETE = Plan(
    "machine.delete",
    "Delete web-dev",
    (
        PlanStep(
            "undefine", "Forget it", "virDomainUndefineFlags(SNAPSHOTS_METADATA)", "virsh undefine web-dev"
        ),
    ),
    "f",
    destructive=True,
    reversible=False,
    undo="its disk is removed",
    confirm="web-dev",
)

PROBLEM = Problem(Code.CONNECTION_FAILED, "libvirtd does not answer.", "no such socket", "Start libvirtd.")
LOST = Connection(URI, Link.DOWN, NOW - 12, "simulated", problem=PROBLEM, retry_at=NOW + 4)


def shown(compare: Compare, wire: FakeWire, theme: str, size: tuple[int, int], scene: Scene) -> bool:
    """Tell the story and compare the last picture."""
    app: App[None] = cockpit(wire, theme)
    return compare(app, terminal_size=size, run_before=scene)


@LOOKS
def test_cockpit(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    wire = busy_wire()
    assert shown(snap_compare, wire, theme, size, story(wire))


@LOOKS
def test_snapshots(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    wire = busy_wire()
    assert shown(snap_compare, wire, theme, size, story(wire, "p"))


@LOOKS
def test_restore_plan(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    wire = busy_wire()
    wire.plans["snapshot.restore"] = RESTORE
    assert shown(snap_compare, wire, theme, size, story(wire, "p", ".", "R"))


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
def test_delete_plan(snap_compare: Compare, size: tuple[int, int]) -> None:
    wire = busy_wire()
    wire.plans["machine.delete"] = DELETE
    assert shown(snap_compare, wire, DARK, size, story(wire, "D"))


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
def test_graphs_alone(snap_compare: Compare, size: tuple[int, int]) -> None:
    wire = busy_wire()
    assert shown(snap_compare, wire, DARK, size, story(wire, "2", "plus"))


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
def test_filter(snap_compare: Compare, size: tuple[int, int]) -> None:
    wire = busy_wire()
    assert shown(snap_compare, wire, DARK, size, story(wire, "slash", ".", "e"))


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
def test_log_search(snap_compare: Compare, size: tuple[int, int]) -> None:
    wire = busy_wire()
    assert shown(snap_compare, wire, DARK, size, story(wire, "l", "slash", ".", *"nginx", "enter"))


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
def test_help(snap_compare: Compare, size: tuple[int, int]) -> None:
    wire = busy_wire()
    assert shown(snap_compare, wire, DARK, size, story(wire, "question_mark"))


@LOOKS
def test_connection_lost(snap_compare: Compare, theme: str, size: tuple[int, int]) -> None:
    wire = busy_wire()
    scene = story(wire, then=lambda wire: wire.tell(FleetChanged(2, connections=(LOST,))))
    assert shown(snap_compare, wire, theme, size, scene)


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
def test_no_connection_at_start(snap_compare: Compare, size: tuple[int, int]) -> None:
    wire = FakeWire(machines=())
    wire.connections = (LOST,)
    assert shown(snap_compare, wire, DARK, size, story(wire))


def test_jobs(snap_compare: Compare) -> None:
    wire = busy_wire()
    assert shown(snap_compare, wire, DARK, WIDE, story(wire, "J"))


def test_exec(snap_compare: Compare) -> None:
    wire = busy_wire()
    wire.replies["exec.start"] = (
        Chunk(2, 1, stdout=b"PID USER  COMMAND\n  1 root  /sbin/init\n"),
        Chunk(2, 2, stderr=b"ps: warning: 2 threads vanished\n"),
    )
    assert shown(snap_compare, wire, DARK, SMALL, story(wire, "x", ".", *"ps", "enter"))


def test_too_small(snap_compare: Compare) -> None:
    wire = busy_wire()
    assert shown(snap_compare, wire, DARK, (50, 12), story(wire))


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
def test_empty(snap_compare: Compare, size: tuple[int, int]) -> None:
    """Read-only, so that no wizard opens over it."""
    wire = FakeWire(machines=())
    assert snap_compare(cockpit(wire, DARK, readonly=True), terminal_size=size, run_before=story(wire))


WIZARD_STEPS = {
    "where": (),
    "what": ("enter", "."),
    "evidence": ("enter", ".", *"jjj"),
    "how": ("enter", ".", "enter", "."),
    "fault": ("enter", ".", "enter", ".", "ctrl+u", *"web-dev", "."),
    "plan": ("enter", ".", "enter", ".", "enter", "."),
    "build": ("enter", ".", "enter", ".", "enter", ".", "enter", "."),
}


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["120", "80"])
@pytest.mark.parametrize("step", WIZARD_STEPS)
def test_wizard(snap_compare: Compare, step: str, size: tuple[int, int]) -> None:
    wire = ProjectWire()
    keys = ("n", ".", "ctrl+u", *FOLDER, *WIZARD_STEPS[step])
    assert shown(snap_compare, wire, DARK, size, story(wire, *keys))
