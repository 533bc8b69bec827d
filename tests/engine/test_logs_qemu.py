"""Logs of a real guest by its agent: any file of it over rotations, what it has not, and several as one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.log_sources.opening import Beside
from clonebox_tui.engine.logs import Logs
from clonebox_tui.guest import Agent, run
from clonebox_tui.model.job import Job
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.providers import provider_for
from tests.guests.fixtures import MicroMachine

pytestmark = pytest.mark.qemu

FILE = "/tmp/app log"
SECONDS = 240


class _NoJobs:
    def jobs(self) -> tuple[Job, ...]:
        return ()


class Place:
    """The logs of one micro guest, and its agent."""

    def __init__(self, fleet: Fleet, machine: str) -> None:
        self.machine = machine
        self.agent = Agent(*fleet.provider_of(machine))
        self.logs = Logs(fleet, beside=Beside(lambda _: self.agent, _NoJobs(), Path("/nonexistent")))  # type: ignore[arg-type]

    async def sh(self, script: str) -> None:
        """Run a script in the guest."""
        assert (await run(self.agent, ["sh", "-c", script, "sh", FILE])).exit_code == 0

    async def end_of(self, *sources: str) -> list[LogLine]:
        """The end of some logs."""
        batches = self.logs.follow(self.machine, sources, 500, follow=False)
        return [line async for batch in batches for line in batch]


@pytest.fixture
async def place(micro_machine: MicroMachine) -> AsyncIterator[Place]:
    fleet = Fleet(provider_for)
    fleet.add(micro_machine.uri)
    await fleet.opened(60)
    place = Place(fleet, machine_id(micro_machine.uri, micro_machine.uuid))
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                await place.agent.ping()
                break
            except ProblemError:
                await asyncio.sleep(0.2)
    yield place
    await fleet.close()


async def test_a_guests_file_is_followed_over_its_rotations(place: Place) -> None:
    await place.sh("""rm -f "$1"*; printf '1\\n2\\n' > "$1" """)
    heard: list[str] = []
    follower = asyncio.create_task(_follow(place, heard))
    try:
        await _until(heard, "1", "2")
        # Written and rotated between two looks; then copied and cut.
        await place.sh("""printf '3\\n' >> "$1"; mv "$1" "$1.1"; printf '4\\n' > "$1" """)
        await _until(heard, "1", "2", "3", "4")
        await place.sh("""printf '5\\n6\\n' >> "$1" """)
        await _until(heard, *"123456")
        await place.sh("""printf '7\\n' >> "$1"; cp "$1" "$1.1"; : > "$1" """)
        await place.sh("""printf '8\\n' >> "$1" """)
        await _until(heard, *"12345678")
        # The same, and grown beyond its old size before anybody looks.
        longer = "printf 'ten\\neleven\\ntwelve\\n' >> \"$1\""
        await place.sh(f"""printf '9\\n' >> "$1"; cp "$1" "$1.1"; : > "$1"; {longer}""")
        await _until(heard, *"123456789", "ten", "eleven", "twelve")
    finally:
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)


async def test_several_logs_are_one_and_what_is_missing_is_explained(place: Place) -> None:
    await place.sh("""date -u '+%Y-%m-%dT%H:%M:%SZ from the file' > "$1" """)
    # The agent may answer before the guest has said a word on its serial line.
    async with asyncio.timeout(SECONDS):
        while not any("tick" in line.text for line in await place.end_of("serial")):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    found = await place.end_of("serial", f"file:{FILE}")
    assert {line.source for line in found} == {"serial", f"file:{FILE}"}
    assert any("from the file" in line.text for line in found)
    named = await place.logs.sources(place.machine)
    assert named[0] == "serial"
    assert {"cloud-init", "journal", "worker", "all"} < set(named)
    # This guest has neither: each says so where it was asked for, and none keeps the others from being read.
    for source in ("cloud-init", "journal", "file:/nowhere", "file:/etc", "file:/dev/ttyS0"):
        with pytest.raises(ProblemError) as caught:
            await place.end_of(source)
        assert caught.value.problem.code is Code.LOG_NOT_FOUND
    with pytest.raises(ProblemError) as caught:
        await place.end_of("file:relative")
    assert caught.value.problem.code is Code.USAGE
    everything = await place.end_of("all")
    assert any(line.text.startswith("(The guest's journal cannot be read.") for line in everything)
    assert "serial" in {line.source for line in everything}, everything


async def _follow(place: Place, heard: list[str]) -> None:
    async for batch in place.logs.follow(place.machine, f"file:{FILE}"):
        heard += [line.text for line in batch]


async def _until(heard: list[str], *lines: str) -> None:
    try:
        async with asyncio.timeout(SECONDS):
            while len(heard) < len(lines):  # noqa: ASYNC110 a list tells nobody
                await asyncio.sleep(0.1)
    except TimeoutError:
        pass
    assert heard == list(lines)
