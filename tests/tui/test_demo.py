"""The cockpit on a real worker with the simulated fleet: what is pressed happens there, and is seen here."""

import os
import signal

from textual.pilot import Pilot

from clonebox_tui.model.machine import State
from clonebox_tui.model.rpc import STATUS, Nothing
from clonebox_tui.tui.screens.execute import ExecuteScreen
from tests.tui.conftest import eventually, face_of, screen_text, settled


async def _select(pilot: Pilot[None], name: str) -> str:
    cockpit = face_of(pilot).cockpit
    session = face_of(pilot).session
    machine = next(each.id for each in session.machines.values() if each.name == name)
    await pilot.press("g", *["j"] * cockpit.machine_list.places[machine])
    await settled(pilot)
    assert session.selected == machine
    return machine


async def test_the_fleet_is_seen_with_its_load(demo: Pilot[None]) -> None:
    session = face_of(demo).session
    machine = await _select(demo, "web-dev")
    await eventually(demo, lambda: session.readings.get(machine) is not None)
    await eventually(demo, lambda: session.snapshots.get(machine) is not None)
    await eventually(demo, lambda: bool(face_of(demo).cockpit.log_tail.log_lines))
    text = screen_text(demo)
    assert "web-dev" in text
    assert "GiB" in text
    assert "now" in text


async def test_a_machine_is_started_by_its_key(demo: Pilot[None]) -> None:
    session = face_of(demo).session
    machine = await _select(demo, "scratch")
    await demo.press("s")
    await eventually(demo, lambda: session.machines[machine].state is State.RUNNING)
    await eventually(demo, lambda: any(job.state.ended for job in session.jobs.values()))
    assert "succeeded" in screen_text(demo)


async def test_a_snapshot_is_taken_and_restored_by_keys(demo: Pilot[None]) -> None:
    session = face_of(demo).session
    machine = await _select(demo, "web-dev")
    await demo.press("p", "t")
    await settled(demo)
    await demo.press(*"before", "enter")
    await eventually(demo, lambda: "Take snapshot before of web-dev" in screen_text(demo))
    assert "needs" in screen_text(demo)
    assert all(each.name != "before" for each in session.snapshots.get(machine, ()))
    await demo.press("y")
    await eventually(demo, lambda: any(each.name == "before" for each in session.snapshots.get(machine, ())))
    cockpit = face_of(demo).cockpit
    await eventually(demo, lambda: "before" in cockpit.snapshot_tree.places)
    cockpit.snapshot_tree.put_cursor("before")
    await eventually(demo, lambda: session.job_of(machine) is None)
    await demo.press("R")
    await eventually(demo, lambda: "safety" in screen_text(demo).lower())
    await demo.press("y")
    await eventually(demo, lambda: any(each.safety for each in session.snapshots.get(machine, ())))


async def test_a_command_runs_in_the_guest(demo: Pilot[None]) -> None:
    await _select(demo, "web-dev")
    await demo.press("x")
    await settled(demo)
    assert isinstance(demo.app.screen, ExecuteScreen)
    await demo.press(*"hostname", "enter")
    await eventually(demo, lambda: "exit 0" in screen_text(demo))


async def test_a_killed_worker_is_said_and_another_is_found(demo: Pilot[None]) -> None:
    session = face_of(demo).session
    status = await session.call(STATUS, Nothing())
    os.kill(status.pid, signal.SIGKILL)
    await eventually(demo, lambda: session.worker_lost_at is not None)
    await eventually(demo, lambda: session.worker_lost_at is None)
    assert (await session.call(STATUS, Nothing())).pid != status.pid
    assert len(session.machines) > 3
