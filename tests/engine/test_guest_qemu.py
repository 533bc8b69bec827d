"""The guest agent library against a real agent: codes, streams, bytes, timeouts, and nothing left behind."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator

import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.guest import Agent, run, stream
from clonebox_tui.guest import facts as guest_facts
from clonebox_tui.guest.files import read_file, write_file
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.providers import provider_for
from tests.guests.fixtures import MachineMaker, MicroMachine

pytestmark = pytest.mark.qemu

SECONDS = 240
"""Longest time to wait for what a busy guest does."""

ODD = ("a b", "ü$HOME'\"`\n", "", "*", "-n")


class Heard:
    """Collects both streams."""

    def __init__(self) -> None:
        self.stdout, self.stderr = bytearray(), bytearray()
        self.something = asyncio.Event()

    async def __call__(self, name: str, data: bytes) -> None:
        getattr(self, name).extend(data)
        self.something.set()


@pytest.fixture
async def agent(micro_machine: MicroMachine) -> AsyncIterator[Agent]:
    fleet = Fleet(provider_for)
    fleet.add(micro_machine.uri)
    await fleet.opened(60)
    yield Agent(*fleet.provider_of(machine_id(micro_machine.uri, micro_machine.uuid)))
    await fleet.close()


async def test_commands_give_codes_both_streams_and_their_arguments_intact(agent: Agent) -> None:
    script = 'printf "%s|" "$@"; echo complaint >&2; exit 3'
    result = await run(agent, ["sh", "-c", script, "sh", *ODD])
    assert result.stdout.decode() == "|".join((*ODD, ""))
    assert (result.exit_code, result.stderr) == (3, b"complaint\n")
    assert (await run(agent, ["sh", "-c", "kill -9 $$"])).exit_code == 137
    assert (await run(agent, ["no-such-program"])).exit_code == 127
    assert (await run(agent, ["cat"], bytes(range(256)))).stdout == bytes(range(256))
    heard = Heard()
    assert (await stream(agent, ["sh", "-c", script, "sh", *ODD], heard)).exit_code == 3
    assert heard.stdout.decode() == "|".join((*ODD, ""))
    assert heard.stderr == b"complaint\n"
    assert (await stream(agent, ["sh", "-c", "kill -9 $$"], Heard())).exit_code == 137
    mask = Heard()
    await stream(agent, ["sh", "-c", "umask"], mask)
    assert mask.stdout == b"0022\n"
    assert (await stream(agent, ["no-such-program"], Heard())).exit_code == 127


async def test_much_output_and_input_come_through_whole_and_live(agent: Agent) -> None:
    heard = Heard()
    script = (
        "echo first; until [ -e /tmp/heard ]; do sleep 0.1; done; "
        "dd if=/dev/urandom of=/tmp/r bs=64k count=192 2>/dev/null; cat /tmp/r"
    )
    streaming = asyncio.create_task(stream(agent, ["sh", "-c", script], heard))
    # It goes on only once its first line was heard: what is not live never ends.
    async with asyncio.timeout(SECONDS):
        await heard.something.wait()
    assert heard.stdout == b"first\n"
    await run(agent, ["touch", "/tmp/heard"])
    await streaming
    expected = (await run(agent, ["md5sum", "/tmp/r"])).text.split()[0]
    assert hashlib.md5(heard.stdout.removeprefix(b"first\n")).hexdigest() == expected  # noqa: S324
    # Written in small portions, pieces are short enough to be read at one go.
    for size in (300_000, 2_000_000):
        heard = Heard()
        await stream(agent, ["head", "-c", str(size), "/dev/zero"], heard)
        assert len(heard.stdout) == size
    given = os.urandom(1_500_000)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(given), 100_000):
            yield given[start : start + 100_000]

    heard = Heard()
    assert (await stream(agent, ["sha256sum"], heard, pieces())).exit_code == 0
    assert heard.stdout.split()[0].decode() == hashlib.sha256(given).hexdigest()


async def test_input_that_nobody_reads_does_not_hold_the_command(agent: Agent) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000

    heard = Heard()
    assert (await stream(agent, ["head", "-c", "5"], heard, endless())).exit_code == 0
    assert heard.stdout == b"xxxxx"


async def test_a_slow_reader_holds_the_command_back(agent: Agent) -> None:
    sizes: list[int] = []

    async def slow(_name: str, _data: bytes) -> None:
        if len(sizes) < 4:
            await asyncio.sleep(0.5)
            used = await run(agent, ["sh", "-c", "du -sk /run | cut -f1"])
            sizes.append(int(used.text))

    endless = asyncio.create_task(stream(agent, ["cat", "/dev/zero"], slow))
    async with asyncio.timeout(SECONDS):
        while len(sizes) < 4:  # noqa: ASYNC110 a list tells nobody
            await asyncio.sleep(0.1)
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        await endless
    assert max(sizes) < 32 * 1024


async def test_timeouts_and_cancels_kill_everything_and_leave_no_file(agent: Agent) -> None:
    script = "sleep 4321 & echo started; wait"
    for limit in (1, 5, 25, 125):  # a busy host's guest may need longer to say its first word
        heard = Heard()
        result = await stream(agent, ["sh", "-c", script], heard, timeout_seconds=limit)
        assert result.timed_out
        if heard.stdout:
            break
    assert heard.stdout == b"started\n"
    assert (await run(agent, ["sleep", "4321"], timeout_seconds=0.5)).timed_out
    heard = Heard()
    task = asyncio.create_task(stream(agent, ["sh", "-c", script], heard))
    async with asyncio.timeout(SECONDS):
        await heard.something.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    left = "x"
    for _ in range(300):
        left = (
            await run(agent, ["sh", "-c", "pgrep -f 'sleep 432[1]'; ls -d /run/clonebox-* 2>/dev/null"])
        ).text
        if not left:
            break
        await asyncio.sleep(0.5)
    assert left == ""


async def test_files_and_facts(agent: Agent) -> None:
    content = os.urandom(200_000)
    await write_file(agent, "/tmp/ü file", content)
    assert await read_file(agent, "/tmp/ü file") == content
    assert await read_file(agent, "/tmp/ü file", 10) == content[:10]
    with pytest.raises(ProblemError) as caught:
        await read_file(agent, "/tmp/absent")
    assert caught.value.problem.code is Code.FILE_NOT_FOUND
    assert (await guest_facts.system(agent)).pretty_name == "Micro guest"
    assert await guest_facts.hostname(agent) == "micro"
    for _ in range(300):  # its address comes by DHCP, after the agent
        if await guest_facts.addresses(agent) == ("10.0.2.15",):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(await guest_facts.addresses(agent))


async def test_an_agent_that_is_not_there_is_explained_at_once(micro_machines: MachineMaker) -> None:
    machine = micro_machines(start=False)
    fleet = Fleet(provider_for)
    fleet.add(machine.uri)
    await fleet.opened(60)
    began = time.monotonic()
    try:
        with pytest.raises(ProblemError) as caught:
            await Agent(*fleet.provider_of(machine_id(machine.uri, machine.uuid))).ping()
    finally:
        await fleet.close()
    assert caught.value.problem.code is Code.AGENT_UNAVAILABLE
    assert "off" in caught.value.problem.what
    assert time.monotonic() - began < 30
