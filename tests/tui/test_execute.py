"""The exec panel on several machines: grouped results, a time limit, and the same history."""

from textual.pilot import Pilot

from clonebox_tui.model.grouped import Outcome, grouped
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.tui.presentation.output import group_lines
from clonebox_tui.tui.screens.execute import ExecuteScreen
from clonebox_tui.tui.widgets.text_view import TextView
from tests.tui.conftest import eventually, face_of, screen_text, settled


def said(pilot: Pilot[None]) -> str:
    """What stands in the panel."""
    return pilot.app.screen.query_one("#output", TextView).plain_text


async def test_marked_machines_answer_in_groups(demo: Pilot[None]) -> None:
    session = face_of(demo).session
    ids = {machine.name: machine.id for machine in session.machines.values()}
    session.marked.update(ids[name] for name in ("api", "db", "scratch"))
    await demo.press("x")
    await settled(demo)
    assert isinstance(demo.app.screen, ExecuteScreen)
    await demo.press(*"echo", "space", *"same", "enter")
    await eventually(demo, lambda: "\napi, db (2) exit 0\nsame" in said(demo))
    assert "\nscratch not run\n" in said(demo)
    # A command that takes too long is killed in the guests.
    await demo.press("ctrl+o")
    assert "limit 10 s" in screen_text(demo)
    await demo.press("up")
    await demo.press("escape")
    await eventually(demo, lambda: not isinstance(demo.app.screen, ExecuteScreen))


def test_same_is_what_says_and_ends_the_same() -> None:
    lost = Problem(Code.AGENT_UNAVAILABLE, "a: no agent.", "absent")
    outcomes = [
        Outcome("one", b"x", b"", 0),
        Outcome("two", b"x", b"", 1),
        Outcome("three", b"x", b"", 0),
        Outcome("four", problem=lost),
        Outcome("five", problem=Problem(Code.AGENT_UNAVAILABLE, "b: no agent.", "absent")),
        Outcome("six", b"x", b"", 0),
    ]
    names = [[each.machine for each in group] for group in grouped(outcomes)]
    assert names == [["one", "three", "six"], ["four", "five"], ["two"]]


def test_of_a_flood_of_lines_a_group_shows_the_beginning() -> None:
    shown = group_lines([Outcome("one", b"y\n" * 2_000, b"", 0)], 500)
    assert len(shown) == 2 + 500 + 1
    assert shown[-1] == (("output was cut", "warn"),)
    assert group_lines([Outcome("one", b"a\nb\n", b"c", 0)], 500)[2:] == [
        (("a", "text"),),
        (("b", "text"),),
        (("! c", "bad"),),
    ]


async def test_ctrl_c_stops_the_command(demo: Pilot[None]) -> None:
    session = face_of(demo).session
    session.marked.clear()
    await demo.press("x")
    await settled(demo)
    await demo.press(*"sleep", "space", *"600", "enter")
    await eventually(demo, lambda: "stop the command" in screen_text(demo))
    await demo.press("ctrl+c")
    await eventually(demo, lambda: said(demo).endswith("stopped"))
    assert isinstance(demo.app.screen, ExecuteScreen)
