"""What the cockpit makes of news: lost links, empty fleets, late answers, slow hosts, failed jobs."""

import asyncio

import msgspec
import pytest
from textual.pilot import Pilot

from clonebox_tui.client import LinkBack, LinkLost
from clonebox_tui.model.acts import KillMachine
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.job import JobState
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, Problem, problem
from clonebox_tui.model.rpc import Chunk, FleetChanged, JobsChanged, Welcome
from clonebox_tui.tui.presentation.glyphs import ASCII
from clonebox_tui.tui.screens.problem import ProblemScreen
from clonebox_tui.tui.screens.wizard import WizardScreen
from tests.tui.conftest import Opened, face_of, screen_text, settled
from tests.tui.fake_fleet import FLEET, NOW, URI, clone_job
from tests.tui.fake_wire import FakeWire
from tests.tui.going import BY_NAME, go_to, selected

DOWN = Connection(
    URI,
    Link.DOWN,
    NOW - 12,
    "simulated",
    problem=Problem(Code.CONNECTION_FAILED, "libvirtd does not answer.", "no such socket", "Start libvirtd."),
    retry_at=NOW + 4,
)


async def test_a_selection_stays_on_its_machine_when_the_fleet_changes(
    opened: Opened, wire: FakeWire
) -> None:
    async with opened() as pilot:
        await go_to(pilot, "scratch")
        gone = BY_NAME["build"]
        wire.tell(FleetChanged(2, (msgspec.structs.replace(FLEET[1], name="zz-db"),), (gone,)))
        await settled(pilot)
        assert selected(pilot) == "scratch"
        assert "zz-db" in screen_text(pilot)
        assert gone not in face_of(pilot).session.machines


async def test_a_lost_connection_greys_what_is_known_and_counts(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        wire.tell(FleetChanged(2, connections=(DOWN,)))
        await settled(pilot)
        text = screen_text(pilot)
        assert "down 12 s" in text
        assert "retry in 4 s" in text
        assert "web-dev" in text
        session = face_of(pilot).session
        assert all(session.is_stale(machine) for machine in session.machines.values())


async def test_a_first_start_without_connection_explains_instead_of_looking_empty(
    opened: Opened, wire: FakeWire
) -> None:
    wire.machines, wire.connections = {}, (DOWN,)
    async with opened() as pilot:
        text = screen_text(pilot)
        assert "libvirtd does not answer" in text
        assert "Next: Start libvirtd." in text
        assert "No machine yet" not in text


async def test_a_lost_worker_is_said_and_found_again(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        wire.tell(LinkLost(Problem(Code.WORKER_UNAVAILABLE, "The worker went away.")))
        await settled(pilot)
        assert "worker lost" in screen_text(pilot)
        await go_to(pilot, "web-dev")
        await pilot.press("r")
        await settled(pilot)
        assert wire.acts() == []
        wire.tell(LinkBack(Welcome("0", 1, 1, may_change=True, demo=True)))
        await settled(pilot)
        assert "worker lost" not in screen_text(pilot)
        await pilot.press("r")
        await settled(pilot)
        assert len(wire.acts()) == 1


async def test_keys_answer_while_the_host_takes_an_hour(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        wire.delay = 3600.0
        # A press that waited for the host would never come back.
        async with asyncio.timeout(60):
            await pilot.press("r", "j", "j", "k", "2", "1", "j")
        assert selected(pilot) != sorted(BY_NAME, key=str.lower)[0]


async def test_late_answers_about_another_machine_are_dropped(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        wire.delay = 0.4
        await go_to(pilot, "db")
        await pilot.press("j")
        await pilot.pause(1.5)
        session = face_of(pilot).session
        assert session.trace.machine == session.selected


async def test_a_running_job_stands_on_its_row_and_in_the_bar(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        job = clone_job(FLEET[2])
        wire.tell(JobsChanged(3, (job,)))
        await settled(pilot)
        text = screen_text(pilot)
        assert "installing packages 31/48" in text
        assert "12 s left" in text
        row = next(line for line in text.splitlines() if "build" in line and "clone" in line and "%" in line)
        assert "65%" in row
        wire.tell(JobsChanged(4, (msgspec.structs.replace(job, state=JobState.SUCCEEDED, ended_at=NOW),)))
        await settled(pilot)
        assert "clone build · succeeded" in screen_text(pilot)


async def test_a_failed_job_explains_itself_and_offers_to_kill(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("S")
        await settled(pilot)
        failure = Problem(
            Code.TIMED_OUT, "web-dev did not stop.", "it ignored ACPI for 120 s", "Look at its console."
        )
        job = msgspec.structs.replace(wire.jobs[0], state=JobState.FAILED, problem=failure, ended_at=NOW)
        wire.tell(JobsChanged(5, (job,)))
        await settled(pilot)
        assert isinstance(pilot.app.screen, ProblemScreen)
        text = screen_text(pilot)
        assert "it ignored ACPI" in text
        assert "Look at its console" in text
        await pilot.press("tab", "tab", "enter")
        await settled(pilot)
        assert wire.acts()[-1] == KillMachine(BY_NAME["web-dev"])


async def test_a_refused_plan_is_told(opened: Opened, wire: FakeWire) -> None:
    wire.refusals["machine.reboot"] = problem(
        Code.MACHINE_BUSY, "web-dev is busy.", why="a snapshot is being taken"
    )
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("r")
        await settled(pilot)
        assert wire.acts() == []
        assert any(toast.title == "web-dev is busy." for toast in pilot.app._notifications)


async def test_the_log_follows_holds_still_and_counts(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("l")
        stream = wire.streams["log.follow"][-1]
        stream.queue.put_nowait(Chunk(1, 2, lines=tuple(LogLine(NOW, f"line {i}") for i in range(60))))
        await settled(pilot)
        assert "line 59" in screen_text(pilot)
        await pilot.press("k", "k")
        stream.queue.put_nowait(Chunk(1, 3, lines=(LogLine(NOW, "one more"),)))
        await settled(pilot)
        text = screen_text(pilot)
        assert "paused +1 new" in text
        assert "one more" not in text
        await pilot.press("G")
        await settled(pilot)
        assert "one more" in screen_text(pilot)


async def test_running_a_command(opened: Opened, wire: FakeWire) -> None:
    wire.replies["exec.start"] = (
        Chunk(2, 1, stdout=b"hello\nwor"),
        Chunk(2, 2, stdout=b"ld\n", stderr=b"\x1b[31moops\n"),
        Chunk(2, 3, end=True, exit_code=3),
    )
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("x")
        await settled(pilot)
        await pilot.press(*"echo 'a b'", "enter")
        await settled(pilot)
        text = screen_text(pilot)
        assert "world" in text
        assert "! oops" in text
        assert "\x1b" not in text
        assert "exit 3" in text
        asked = [params for name, params in wire.asked if name == "exec.start"]
        assert asked[0].argv == ("echo", "a b")  # type: ignore[attr-defined]
        await pilot.press("up")
        assert pilot.app.screen.query_one("#command").value == "echo 'a b'"  # type: ignore[attr-defined]


async def test_esc_stops_a_running_command_first(opened: Opened, wire: FakeWire) -> None:
    wire.replies["exec.start"] = (Chunk(2, 1, stdout=b"busy\n"),)
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        await pilot.press("x")
        await settled(pilot)
        await pilot.press(*"sleep", "enter")
        await settled(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert wire.streams["exec.start"][0].closed
        assert "stopped" in screen_text(pilot)
        await pilot.press("escape")
        await settled(pilot)
        assert pilot.app.screen is face_of(pilot).cockpit


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (200, 60)])
async def test_every_pane_can_be_reached_at_any_size(opened: Opened, size: tuple[int, int]) -> None:
    async with opened(size=size) as pilot:
        cockpit = face_of(pilot).cockpit
        for key, pane in (("1", "machines"), ("2", "details"), ("3", "snapshots"), ("4", "log")):
            await pilot.press(key)
            await settled(pilot)
            assert cockpit.query_one(f"#{pane}").region.area, pane


async def test_a_tiny_terminal_gets_a_sentence(opened: Opened) -> None:
    async with opened(size=(40, 10)) as pilot:
        assert "too small" in screen_text(pilot)
        await pilot.resize_terminal(120, 40)
        await settled(pilot)
        assert "web-dev" in screen_text(pilot)


async def test_ascii_glyphs_draw_nothing_else(opened: Opened, wire: FakeWire) -> None:
    async with opened(glyphs=ASCII) as pilot:
        await go_to(pilot, "web-dev")
        wire.sample()
        await settled(pilot)
        assert {c for c in screen_text(pilot) if not c.isascii()} == set()


async def test_nothing_is_written_when_nothing_changes(opened: Opened, wire: FakeWire) -> None:
    wire.machines = {each.id: each for each in FLEET if each.state is not State.RUNNING}
    async with opened() as pilot:
        wire.sample()
        await settled(pilot)
        written: list[int] = []
        driver = pilot.app._driver
        assert driver is not None
        write = driver.write
        driver.write = lambda data: (written.append(len(data)), write(data))[1]  # type: ignore[method-assign]
        wire.sample(0.0)
        await pilot.pause(2.2)
        assert sum(written) == 0


async def test_a_first_start_without_machines_opens_the_wizard_once(opened: Opened, wire: FakeWire) -> None:
    wire.machines = {}
    async with opened() as pilot:
        assert isinstance(pilot.app.screen, WizardScreen)
        pilot.app.pop_screen()
        await settled(pilot)
        assert "No machine yet" in screen_text(pilot)
        wire.tell(FleetChanged(9, connections=wire.connections))
        await settled(pilot)
        assert pilot.app.screen is face_of(pilot).cockpit


async def test_what_cannot_be_done_while_a_host_or_the_worker_is_away_is_not_offered_and_says_why(
    opened: Opened, wire: FakeWire
) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        assert {"stop", "exec", "delete"} <= set(_footer(pilot).split())
        wire.tell(FleetChanged(2, connections=(DOWN,)))
        await settled(pilot)
        assert not {"stop", "exec", "delete"} & set(_footer(pilot).split())
        await pilot.press("S")
        await settled(pilot)
        assert wire.acts() == []
        assert any("connection is down" in toast.message for toast in pilot.app._notifications)
        wire.tell(LinkLost(Problem(Code.WORKER_UNAVAILABLE, "The worker went away.")))
        await settled(pilot)
        await pilot.press("u")
        await settled(pilot)
        assert any("worker is away" in toast.message for toast in pilot.app._notifications)


def _footer(pilot: Pilot[None]) -> str:
    return screen_text(pilot).splitlines()[-1]
