"""One link to a libvirt daemon: opened, watched, opened again with back-off when it is lost."""

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

import libvirt
import msgspec

from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.problem import Code, Problem, ProblemError
from clonebox_tui.providers.libvirt.errors import connection_problem, translate
from clonebox_tui.providers.libvirt.eventloop import start_event_loop
from clonebox_tui.providers.libvirt.ssh_transport import dial_uri
from clonebox_tui.providers.libvirt.threads import Lane, deliver

T = TypeVar("T")
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 10.0
REFUSED_DELAY_SECONDS = 60.0
"""A host whose key nobody has accepted is looked at again after so long: a person comes first."""
FIRST_TRY_SECONDS = 15.0
KEEPALIVE = (2, 3)
"""Seconds between probes and how many may stay unanswered: a stopped daemon is noticed after 8 s."""


class LibvirtLink:
    """The connection and its lanes. `greet` looks at a fresh connection and says what it can do."""

    def __init__(
        self, uri: str, greet: Callable[[libvirt.virConnect, Connection], Connection],
        tell: Callable[[Connection], None], leave: Callable[[libvirt.virConnect], None],
    ) -> None:  # fmt: skip
        self.uri = uri
        self.state = Connection(uri, Link.CONNECTING, time.time(), "libvirt")
        self._greet, self._tell, self._leave = greet, tell, leave
        self._connection: libvirt.virConnect | None = None
        self._lost = asyncio.Event()
        self._tried = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._own = threading.local()
        self._generation = 0
        self._dialing = Lane(f"libvirt-dial {uri}", 2)

    async def open(self) -> None:
        """Connect and keep connected; returns after the first try, or when that takes too long."""
        start_event_loop()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.uri}")
        try:
            await asyncio.wait_for(self._tried.wait(), FIRST_TRY_SECONDS)
        except TimeoutError:
            why = f"no answer within {FIRST_TRY_SECONDS:.0f} s"
            self._down(
                Problem(
                    Code.CONNECTION_FAILED,
                    f"{self.uri} cannot be reached.",
                    why=why,
                    next="Wait: it is tried again by itself; or run `clonebox-tui doctor`.",
                ),
                None,
            )

    async def close(self) -> None:
        """Give the connection up for good."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._let_go()
        self._dialing.close()

    def learned(self, hypervisor: str) -> None:
        """Add what is known only some time after the connection stood."""
        if self.state.link is Link.UP and self.state.hypervisor != hypervisor:
            self._set(msgspec.structs.replace(self.state, hypervisor=hypervisor))

    async def call(self, lane: Lane, what: str, work: Callable[[libvirt.virConnect], T]) -> T:
        """The result of `work` in a thread of `lane`; libvirt's errors come out as ours, naming `what`."""
        connection = self._connection
        if connection is None:
            raise ProblemError(self._unreachable(what))

        def guarded() -> T:
            try:
                return work(self._of_this_thread(connection))
            except libvirt.libvirtError as error:
                raise translate(error, what) from None

        try:
            return await lane.run(guarded)
        except ProblemError as error:
            if error.problem.code is Code.CONNECTION_LOST and not _alive(connection):
                self._lost.set()
            raise

    def _of_this_thread(self, main: libvirt.virConnect) -> libvirt.virConnect:
        """A connection of the thread's own: on a shared one a call can be held up by another that waits
        (libvirt 9's client misses its wake-up until the next keep-alive; 4 s were seen).

        The test driver calls straight into its own state, which belongs to one connection.
        """
        if self.uri.startswith("test"):
            return main
        kept: libvirt.virConnect | None = getattr(self._own, "connection", None)
        if kept is not None and self._own.generation == self._generation and _alive(kept):
            return kept
        own = libvirt.open(dial_uri(self.uri))
        _optional(lambda: own.setKeepAlive(*KEEPALIVE))
        self._own.connection, self._own.generation = own, self._generation
        return own

    def _unreachable(self, what: str) -> Problem:
        known = self.state.problem
        if known is None:
            return Problem(
                Code.CONNECTION_LOST,
                what,
                why=f"not connected to {self.uri} yet",
                next="Wait: it is tried again by itself.",
            )
        return Problem(
            Code.CONNECTION_LOST,
            f"{what}.",
            why=f"{known.what.removesuffix('.')}: {known.why}",
            next=known.next,
        )

    async def _keep(self) -> None:
        attempt = 0
        while True:
            fault = await self._dial()
            if fault is None:
                attempt = 0
                self._tried.set()
                await self._lost.wait()
                await self._let_go()
                why = "the daemon ended, or does not answer any more"
                fault = Problem(
                    Code.CONNECTION_LOST,
                    f"The connection to {self.uri} was lost.",
                    why=why,
                    next="Wait: it is made again by itself. Machines run on.",
                )
            attempt += 1
            delay = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(attempt - 1, 8))
            if fault.code in (Code.HOST_KEY_UNKNOWN, Code.HOST_KEY_CHANGED):
                delay = REFUSED_DELAY_SECONDS
            delay *= random.uniform(0.8, 1.2)  # noqa: S311 jitter, so that many front ends do not dial at once
            self._down(fault, delay, attempt)
            self._tried.set()
            await asyncio.sleep(delay)

    async def _dial(self) -> Problem | None:
        """Try once: None when the connection stands."""
        self._lost.clear()
        loop = asyncio.get_running_loop()
        try:
            connection, state = await self._dialing.run(lambda: self._open_and_greet(loop))
        except libvirt.libvirtError as error:
            failure = error
            return await self._dialing.run(lambda: connection_problem(failure, self.uri))
        except ProblemError as error:
            return error.problem
        self._connection = connection
        self._generation += 1
        self._set(msgspec.structs.replace(state, link=Link.UP, since=time.time()))
        return None

    def _open_and_greet(self, loop: asyncio.AbstractEventLoop) -> tuple[libvirt.virConnect, Connection]:
        connection = libvirt.open(dial_uri(self.uri))
        _optional(lambda: connection.registerCloseCallback(lambda *_: deliver(loop, self._lost.set), None))
        _optional(lambda: connection.setKeepAlive(*KEEPALIVE))
        return connection, self._greet(connection, Connection(self.uri, Link.UP, time.time(), "libvirt"))

    async def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return

        def part() -> None:
            self._leave(connection)
            _optional(connection.unregisterCloseCallback)
            _optional(connection.close)

        try:  # a daemon that does not answer must not hold us
            await asyncio.wait_for(self._dialing.run(part), 2.0)
        except TimeoutError:
            return

    def _down(self, fault: Problem, delay: float | None, attempt: int = 1) -> None:
        since = self.state.since if self.state.link is Link.DOWN else time.time()
        retry = None if delay is None else time.time() + delay
        self._set(
            Connection(self.uri, Link.DOWN, since, "libvirt", problem=fault, retry_at=retry, attempt=attempt)
        )

    def _set(self, state: Connection) -> None:
        self.state = state
        self._tell(state)


def _optional(call: Callable[[], object]) -> None:
    """Ask for something a driver may not have, or a dead connection cannot do any more."""
    with contextlib.suppress(libvirt.libvirtError):
        call()


def _alive(connection: libvirt.virConnect) -> bool:
    try:
        return bool(connection.isAlive())
    except libvirt.libvirtError:
        return False
