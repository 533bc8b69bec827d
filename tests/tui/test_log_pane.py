"""The log pane: another log, a filter, wrapping, saving; and a flood that slows no key."""

import os
import stat
import threading
import time
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from clonebox_tui.model.log import LogLine
from clonebox_tui.model.machine import State
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Chunk, FleetChanged, FollowLog
from clonebox_tui.tui.widgets.log_tail import LogTail
from tests.tui.conftest import Opened, eventually, face_of, screen_text, settled
from tests.tui.fake_fleet import NOW
from tests.tui.fake_wire import FakeWire
from tests.tui.going import go_to

LINES_A_SECOND = 50_000
LEAST_FLOOD_SECONDS, LONGEST_FLOOD_SECONDS = 3, 180


def _log(pilot: Pilot[None]) -> LogTail:
    return face_of(pilot).cockpit.log_tail


def _asked(wire: FakeWire) -> FollowLog:
    found = [params for name, params in wire.asked if name == "log.follow"][-1]
    assert isinstance(found, FollowLog)
    return found


def _lines(*texts: str, source: str = "") -> tuple[LogLine, ...]:
    return tuple(LogLine(NOW, text, source) for text in texts)


async def _come(pilot: Pilot[None], wire: FakeWire, *lines: LogLine) -> None:
    wire.streams["log.follow"][-1].queue.put_nowait(Chunk(1, 2, lines=lines))
    await settled(pilot)


async def test_a_machine_that_has_no_log_of_its_own_names_none(opened: Opened, wire: FakeWire) -> None:
    show = wire._machine_show
    wire._machine_show = lambda params: msgspec.structs.replace(  # type: ignore[method-assign]
        show(params), log_sources=("journal", "job:1", "worker", "all")
    )
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        assert "Log · follow" in screen_text(pilot)


async def test_a_log_that_begins_with_the_machines_start_comes_by_itself(
    opened: Opened, wire: FakeWire
) -> None:
    wire.refusals["log.follow"] = problem(Code.LOG_NOT_FOUND, "There is no log yet.")
    async with opened() as pilot:
        await go_to(pilot, "scratch")
        assert "There is no log yet." in screen_text(pilot)
        del wire.refusals["log.follow"]
        scratch = face_of(pilot).session.machine
        assert scratch is not None
        wire.machines[scratch.id] = started = msgspec.structs.replace(scratch, state=State.RUNNING)
        wire.tell(FleetChanged(2, (started,)))
        await settled(pilot)
        assert "There is no log yet." not in screen_text(pilot)
        assert _log(pilot).log_lines


async def test_another_log_is_chosen_and_several_name_their_lines(opened: Opened, wire: FakeWire) -> None:
    async with opened() as pilot:
        await go_to(pilot, "web-dev")
        assert _asked(wire).sources == ()
        await pilot.press("l", "L", *"se", "tab", "space", *"file:/a", "enter")
        await settled(pilot)
        assert _asked(wire).sources == ("serial", "file:/a")
        await _come(pilot, wire, *_lines("from the file", source="file:/a"))
        text = screen_text(pilot)
        assert "Log · serial+file:/a" in text
        assert "file:/a: from the file" in text
        # It stays chosen for this machine alone.
        await pilot.press("1")
        await go_to(pilot, "db")
        assert _asked(wire).sources == ()
        await go_to(pilot, "web-dev")
        assert _asked(wire).sources == ("serial", "file:/a")


async def test_only_lines_that_match_are_shown_and_esc_brings_all_back(
    opened: Opened, wire: FakeWire
) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("l")
        await _come(pilot, wire, *_lines("one good", "two bad", "three good", "four bad"))
        await pilot.press("ampersand", *"bad", "enter")
        await settled(pilot)
        assert _log(pilot).log_lines == ["two bad", "four bad"]
        assert "&bad  2 of" in screen_text(pilot)
        await _come(pilot, wire, *_lines("five good", "six bad"))
        assert _log(pilot).visible_text() == ["two bad", "four bad", "six bad"]
        # The search counts within.
        await pilot.press("slash", *"six", "enter")
        await settled(pilot)
        assert "/six  1 of 3 lines" in screen_text(pilot)
        await pilot.press("escape", "escape")
        await settled(pilot)
        assert {"one good", "five good", "six bad"} < set(_log(pilot).log_lines)


async def test_long_lines_are_wrapped_and_what_is_copied_is_whole(opened: Opened, wire: FakeWire) -> None:
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("l")
        long = "error: " + "x" * 90 + " the end 测试"
        await _come(pilot, wire, *_lines(long))
        assert "the end" not in screen_text(pilot)
        await pilot.press("W")
        await settled(pilot)
        assert "the end 测试" in screen_text(pilot)
        assert _log(pilot).visible_text()[-1] == long
        await pilot.resize_terminal(62, 24)
        await settled(pilot)
        assert "the end 测试" in screen_text(pilot)
        await pilot.press("W")
        await settled(pilot)
        assert _log(pilot).log_lines[-1] == long


@pytest.mark.slow
async def test_lines_are_saved_for_the_user_alone_and_over_nothing(
    opened: Opened, wire: FakeWire, tmp_path: Path
) -> None:
    path = tmp_path / "kept.log"
    async with opened(size=(80, 24)) as pilot:
        await pilot.press("l")
        await _come(pilot, wire, *_lines("a secret", "ünïcode"))
        for _ in range(2):
            await pilot.press("greater_than_sign", "ctrl+u", *str(path), "enter")
            await settled(pilot)
        kept = path.read_text()
        assert kept.endswith("a secret\nünïcode\n")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert kept.count("a secret") == 1
        said = [toast.title + toast.message for toast in pilot.app._notifications]
        assert any("was not saved" in each and "Nothing is overwritten" in each for each in said)


@pytest.mark.slow
async def test_a_flood_slows_no_key_and_says_what_was_left_out(demo: Pilot[None]) -> None:
    cockpit = face_of(demo).cockpit
    path = places(os.environ, os.getuid(), demo=True).worker_log
    await demo.press("l", "L", *"worker", "enter")
    await eventually(demo, lambda: bool(_log(demo).log_lines) and "worker" in _log(demo).title)
    enough = threading.Event()
    flood = threading.Thread(target=_flood, args=(path, enough))
    flood.start()
    try:
        await eventually(demo, lambda: len(_log(demo).log_lines) > 100)
        began, presses = time.monotonic(), 0
        while presses < 4 or time.monotonic() - began < LEAST_FLOOD_SECONDS:
            await demo.press("4", "k", "k")
            assert not _log(demo).following
            await demo.press("G", "2")
            assert cockpit.panes.pane == "details"
            presses += 1
            assert len(_log(demo).log_lines) <= 5_000
        assert flood.is_alive(), "a key was answered only when the flood was over"
    finally:
        enough.set()
        flood.join()
    await eventually(demo, lambda: "the flood is over" in _log(demo).log_lines[-1])
    assert any("lines left out" in line for line in _log(demo).log_lines)


def _flood(path: Path, enough: threading.Event) -> None:
    began, written = time.monotonic(), 0
    while not enough.is_set() and written < LONGEST_FLOOD_SECONDS * LINES_A_SECOND:
        due = int((time.monotonic() - began) * LINES_A_SECOND)
        with path.open("a") as file:
            file.writelines(f"{number} a line of a flood\n" for number in range(written, due))
        written = max(written, due)
        time.sleep(0.02)
    with path.open("a") as file:
        file.write("the flood is over\n")
