"""Proves that logs are read from their end, followed over rotations, and harmless whatever they hold."""

import asyncio
import itertools

import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.logs import Logs
from clonebox_tui.model.machine import MachineDetails
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.providers.protocol import LogChunk
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from tests.fixtures.virtual_time import in_virtual_time, wall_clock

DEMO = "simulated://demo?machines=1"


class Written(SimulatedProvider):
    """A log that the test writes; counts the bytes that were read of it."""

    data = b""
    identity = "1"
    bytes_read = 0
    missing = False
    without_logs = False

    async def details(self, uuid: str) -> MachineDetails:
        details = await super().details(uuid)
        return MachineDetails(details.machine, log_sources=() if self.without_logs else ("serial",))

    async def read_log(
        self, uuid: str, source: str, offset: int, limit_bytes: int, identity: str = ""
    ) -> LogChunk:
        if self.missing:
            raise problem(Code.LOG_NOT_FOUND, "There is no log.")
        start = max(0, len(self.data) + offset) if offset < 0 else min(offset, len(self.data))
        piece = self.data[start : start + limit_bytes]
        self.bytes_read += len(piece)
        return LogChunk(piece, start, len(self.data), self.identity)


class Follower:
    """Follows a log in the background and keeps what came."""

    def __init__(self, logs: Logs, machine: str, lines: int = 200) -> None:
        self.lines: list[str] = []
        self.times: list[float | None] = []
        self._task = asyncio.create_task(self._follow(logs, machine, lines))

    async def _follow(self, logs: Logs, machine: str, lines: int) -> None:
        async for batch in logs.follow(machine, lines=lines):
            self.lines += [line.text for line in batch]
            self.times += [line.time for line in batch]


async def _opened() -> tuple[Logs, Written, str]:
    fleet = Fleet(lambda uri: Written(uri, wall_clock), wall_clock)
    fleet.add(DEMO)
    assert await fleet.opened(5)
    provider = fleet.provider(DEMO)
    assert isinstance(provider, Written)
    return Logs(fleet, wall_clock), provider, next(iter(fleet.machines))


async def _read(logs: Logs, machine: str, lines: int) -> list[str]:
    return [line.text async for batch in logs.follow(machine, lines=lines, follow=False) for line in batch]


@in_virtual_time
async def test_the_end_of_a_huge_log_comes_without_reading_it() -> None:
    logs, written, machine = await _opened()
    written.data = b"".join(b"line %d of a log that is long\n" % number for number in range(400_000))
    assert await _read(logs, machine, 2) == [
        "line 399998 of a log that is long",
        "line 399999 of a log that is long",
    ]
    assert written.bytes_read < 200_000


@in_virtual_time
async def test_many_lines_are_found_and_handed_over_in_batches() -> None:
    logs, written, machine = await _opened()
    written.data = b"".join(b"%d\n" % number for number in range(3000))
    sizes = [len(batch) async for batch in logs.follow(machine, lines=1200, follow=False)]
    assert sizes == [500, 500, 200]
    assert await _read(logs, machine, 0) == []


@in_virtual_time
async def test_what_comes_is_followed_in_whole_lines_with_its_time() -> None:
    logs, written, machine = await _opened()
    written.data = b"before\nhalf"
    follower = Follower(logs, machine)
    await asyncio.sleep(0.1)
    assert (follower.lines, follower.times) == (["before"], [None])
    written.data += b" a line\nmore\n"
    await asyncio.sleep(1.1)
    assert follower.lines == ["before", "half a line", "more"]
    assert follower.times[1] == pytest.approx(wall_clock(), abs=2)


@in_virtual_time
async def test_a_prompt_without_an_end_of_line_appears_after_a_second() -> None:
    logs, written, machine = await _opened()
    follower = Follower(logs, machine)
    await asyncio.sleep(0.1)
    written.data = b"web-dev login: "
    await asyncio.sleep(0.4)
    assert follower.lines == []
    await asyncio.sleep(3)
    assert [line.strip() for line in follower.lines] == ["web-dev login:"]


@in_virtual_time
async def test_a_rotated_and_a_truncated_log_go_on_at_their_beginning() -> None:
    logs, written, machine = await _opened()
    written.data = b"one\ntwo\n"
    follower = Follower(logs, machine)
    await asyncio.sleep(0.5)
    written.data, written.identity = b"a new file, longer than the old one\n", "2"
    await asyncio.sleep(1.5)
    written.data = b"cut\n"
    await asyncio.sleep(1.5)
    assert follower.lines == ["one", "two", "a new file, longer than the old one", "cut"]


@in_virtual_time
async def test_a_log_that_vanishes_for_a_while_is_waited_for() -> None:
    logs, written, machine = await _opened()
    written.data = b"one\n"
    follower = Follower(logs, machine)
    await asyncio.sleep(0.5)
    written.missing = True
    await asyncio.sleep(3)
    written.missing = False
    written.data += b"two\n"
    await asyncio.sleep(3)
    assert follower.lines == ["one", "two"]


@in_virtual_time
async def test_a_guest_cannot_write_to_the_terminal() -> None:
    logs, written, machine = await _opened()
    written.data = b"\x1b[2J\x1b]0;owned\x07red \x1b[31malert\x1b[0m\r\n10%\r50%\r100%\n\xff\xfe\x00tail\n"
    assert await _read(logs, machine, 9) == ["red alert", "100%", "\ufffd\ufffdtail"]


@in_virtual_time
async def test_a_line_without_end_neither_grows_nor_blocks() -> None:
    logs, written, machine = await _opened()
    follower = Follower(logs, machine)
    await asyncio.sleep(0.1)
    for _ in range(4):
        written.data += b"x" * 300_000
        await asyncio.sleep(0.5)
    await asyncio.sleep(3)
    assert follower.lines
    assert max(map(len, follower.lines)) == 4096


@in_virtual_time
async def test_a_demo_machine_has_a_log_that_grows() -> None:
    fleet = Fleet(lambda uri: SimulatedProvider(uri, wall_clock), wall_clock)
    fleet.add(DEMO)
    assert await fleet.opened(5)
    machine = next(iter(fleet.machines))
    logs = Logs(fleet, wall_clock)
    assert await logs.sources(machine) == ("serial", "qemu")
    follower = Follower(logs, machine, 5)
    await asyncio.sleep(0.1)
    assert len(follower.lines) == 5
    await asyncio.sleep(30)
    assert len(follower.lines) > 8
    stamps = [float(line.partition("]")[0].strip("[ ")) for line in follower.lines]
    assert all(before <= after for before, after in itertools.pairwise(stamps))


@in_virtual_time
async def test_a_log_that_is_not_there_is_named() -> None:
    logs, written, machine = await _opened()
    written.without_logs = True
    with pytest.raises(ProblemError) as caught:
        await _read(logs, machine, 5)
    assert caught.value.problem.code is Code.LOG_NOT_FOUND
