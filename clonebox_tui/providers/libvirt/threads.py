"""Lanes of daemon threads for libvirt's blocking calls, so that a hung host stalls nobody else.

Not concurrent.futures: its threads are joined at exit, and a call to a hung daemon would keep the
worker from ending.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")
_Work = Callable[[], None]


class Lane:
    """At most `threads` calls at a time, in the order they came; threads start when first needed."""

    def __init__(self, name: str, threads: int) -> None:
        self._name = name
        self._limit = threads
        self._started = 0
        self._idle = 0
        self._waiting = 0
        self._guard = threading.Lock()
        self._queue: SimpleQueue[_Work | None] = SimpleQueue()

    async def run(self, call: Callable[[], T]) -> T:
        """The result (or error) of `call`, made in one of the lane's threads."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def work() -> None:
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 root of the thread: the error goes to the caller
                deliver(loop, _fail, future, error)
            else:
                deliver(loop, _succeed, future, result)

        self._submit(work)
        return await future

    def close(self) -> None:
        """Let idle threads end; a thread in a hung call is left behind (it is a daemon)."""
        with self._guard:
            for _ in range(self._started):
                self._queue.put(None)
            self._started = 0

    def _submit(self, work: _Work) -> None:
        with self._guard:
            self._queue.put(work)
            self._waiting += 1
            # Not "is one idle": an idle thread may be promised to a call that came just before.
            if self._waiting > self._idle and self._started < self._limit:
                self._started += 1
                threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while True:
            with self._guard:
                self._idle += 1
            work = self._queue.get()
            with self._guard:
                self._idle -= 1
                self._waiting -= work is not None
            if work is None:
                return
            work()


async def to_its_end(call: Coroutine[Any, Any, T]) -> T:
    """Wait for a call that changes something, even when cancelled: whoever undoes it comes after it."""
    task = asyncio.ensure_future(call)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def deliver(loop: asyncio.AbstractEventLoop, call: Callable[..., object], *arguments: object) -> None:
    """Run `call` on the loop's thread; nothing happens when the loop is gone already."""
    try:
        loop.call_soon_threadsafe(call, *arguments)
    except RuntimeError:
        if not loop.is_closed():
            raise


def _succeed(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[T], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
