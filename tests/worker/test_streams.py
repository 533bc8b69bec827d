"""A stream goes at its reader's pace, ends as its producer does, and stops when nobody wants it."""

import asyncio

import msgspec

from clonebox_tui.client import Client
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import EXECUTE, FLEET, FOLLOW_LOG, STATUS, Chunk, Execute, FollowLog, Nothing
from clonebox_tui.worker.streams import WINDOW_CHUNKS, Outgoing, Streams
from tests.worker.conftest import LONGEST_SECONDS, Join


class _Notice(msgspec.Struct):
    params: Chunk


class Written:
    """What a stream wrote to its front end."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.came = asyncio.Event()

    def __call__(self, data: bytes) -> None:
        self.chunks.append(msgspec.json.decode(data, type=_Notice).params)
        self.came.set()


async def _settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_producer_is_held_back_until_what_was_sent_is_taken() -> None:
    written = Written()
    streams = Streams(written)

    async def produce(outgoing: Outgoing) -> None:
        for number in range(200):
            await outgoing.send(stdout=str(number).encode())
        outgoing.finish(exit_code=3)

    number = streams.open(produce).stream
    await _settled()
    assert len(written.chunks) == WINDOW_CHUNKS
    streams.acknowledge(number, 10)
    await _settled()
    assert len(written.chunks) == WINDOW_CHUNKS + 10
    for taken in range(20, 210, 10):
        streams.acknowledge(number, taken)
        await _settled()
    assert b"".join(chunk.stdout for chunk in written.chunks) == b"".join(b"%d" % n for n in range(200))
    assert [chunk.sequence for chunk in written.chunks] == list(range(1, 202))
    assert (written.chunks[-1].end, written.chunks[-1].exit_code) == (True, 3)


async def test_large_chunks_fill_the_window_by_their_bytes() -> None:
    written = Written()
    streams = Streams(written)

    async def produce(outgoing: Outgoing) -> None:
        while True:
            await outgoing.send(stdout=b"x" * 300_000)

    streams.open(produce)
    await _settled()
    assert len(written.chunks) == 3
    streams.close_all()
    await _settled()
    assert len(written.chunks) == 3


async def test_a_stream_that_breaks_says_why() -> None:
    written = Written()
    streams = Streams(written)

    async def refuse(outgoing: Outgoing) -> None:
        raise problem(Code.LOG_NOT_FOUND, "There is no such log.")

    async def break_down(outgoing: Outgoing) -> None:
        raise ZeroDivisionError("nothing")

    streams.open(refuse)
    streams.open(break_down)
    await _settled()
    problems = [chunk.problem for chunk in written.chunks if chunk.problem]
    assert [each.code for each in problems] == [Code.LOG_NOT_FOUND, Code.INTERNAL]


async def test_input_reaches_the_producer_in_order() -> None:
    written = Written()
    streams = Streams(written)

    async def echo(outgoing: Outgoing) -> None:
        async for data in outgoing.input():
            await outgoing.send(stdout=data)

    number = streams.open(echo).stream
    for piece in (b"one ", b"two"):
        await streams.get(number).write(piece, False)
    await streams.get(number).write(b"", True)
    await _settled()
    assert [chunk.stdout for chunk in written.chunks] == [b"one ", b"two", b""]
    assert written.chunks[-1].end


async def _running(client: Client) -> str:
    fleet = await client.call(FLEET, Nothing())
    return next(machine.id for machine in fleet.machines if machine.state is State.RUNNING)


async def test_a_command_in_a_guest_answers_with_output_and_exit_code(join: Join) -> None:
    client = await join()
    stream = await client.open_stream(EXECUTE, Execute(await _running(client), ("hostname",)))
    async with asyncio.timeout(LONGEST_SECONDS):
        chunks = [chunk async for chunk in stream]
    assert b"".join(chunk.stdout for chunk in chunks).strip() != b""
    assert (chunks[-1].end, chunks[-1].exit_code) == (True, 0)


async def test_a_log_is_read_to_its_end_and_a_followed_one_stops_when_closed(join: Join) -> None:
    client = await join()
    machine = await _running(client)
    stream = await client.open_stream(FOLLOW_LOG, FollowLog(machine, lines=5, follow=False))
    lines = [line async for chunk in stream for line in chunk.lines]
    assert len(lines) == 5
    followed = await client.open_stream(FOLLOW_LOG, FollowLog(machine, lines=5))
    assert (await anext(followed)).lines
    followed.close()
    async with asyncio.timeout(LONGEST_SECONDS):
        assert [chunk.end async for chunk in followed][-1]
    assert (await client.call(STATUS, Nothing())).clients == 1
