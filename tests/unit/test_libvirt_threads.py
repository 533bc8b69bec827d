"""A lane's threads: a call that hangs holds up no other, and what is cancelled is waited for."""

import asyncio
import subprocess
import sys
import threading
from functools import partial

import pytest

from clonebox_tui.providers.libvirt.threads import Lane, to_its_end

_HANG_AND_LEAVE = """
import asyncio, time
from clonebox_tui.providers.libvirt.threads import Lane
async def main():
    asyncio.ensure_future(Lane("hung", 1).run(lambda: time.sleep(60)))
    await asyncio.sleep(0.1)
asyncio.run(main())
"""


async def test_a_hung_call_leaves_the_other_threads_to_others() -> None:
    lane, released = Lane("test", 3), threading.Event()
    await lane.run(lambda: None)  # one thread idles now
    hung = [asyncio.create_task(lane.run(released.wait)) for _ in range(2)]
    async with asyncio.timeout(30):
        assert await lane.run(lambda: "answer") == "answer"
    released.set()
    assert await asyncio.gather(*hung) == [True, True]
    lane.close()


async def test_one_thread_keeps_the_order_and_hands_errors_on() -> None:
    lane, seen = Lane("test", 1), []

    def note(number: int) -> None:
        seen.append(number)
        if number == 2:
            raise KeyError(number)

    calls = [asyncio.create_task(lane.run(partial(note, number))) for number in range(4)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert seen == [0, 1, 2, 3]
    assert [type(answer) for answer in answers] == [type(None), type(None), KeyError, type(None)]
    lane.close()


async def test_a_cancelled_act_is_over_before_its_undo_begins() -> None:
    lane, released, done = Lane("test", 1), threading.Event(), []

    def act() -> None:
        released.wait()
        done.append(True)

    task = asyncio.create_task(to_its_end(lane.run(act)))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.sleep(0.05)
    assert not task.done()
    released.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == [True]
    lane.close()


def test_a_hung_call_does_not_hold_the_process() -> None:
    ended = subprocess.run([sys.executable, "-c", _HANG_AND_LEAVE], timeout=50, check=False)
    assert ended.returncode == 0
