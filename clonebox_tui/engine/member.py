"""One connection inside the fleet: opened, listed, listened to and listed again, at nobody else's cost."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
from typing import Protocol

import msgspec

from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.machine import Machine, split_id
from clonebox_tui.model.problem import REPORT, Code, Problem, ProblemError
from clonebox_tui.providers.protocol import Provider

CLOSE_SECONDS = 2.0
"""How long a provider may take to close before it is left to itself."""

_log = logging.getLogger(__name__)


class Register(Protocol):
    """Where a member writes what it hears: the fleet."""

    @property
    def machines(self) -> Mapping[str, Machine]:
        """All machines by id."""

    def machine_changed(self, machine: Machine) -> None:
        """A machine came or changed."""

    def machine_removed(self, machine: str) -> None:
        """A machine is gone."""

    def connection_changed(self, connection: Connection) -> None:
        """A link changed."""


class Member:
    """The listener of one provider. `settled` is set after the first try and, when up, the first list."""

    def __init__(self, provider: Provider, register: Register, resync_seconds: float) -> None:
        self.provider = provider
        self.settled = asyncio.Event()
        self._register = register
        self._resync_seconds = resync_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._listing: asyncio.Task[None] | None = None
        self._again = False
        self._heard: set[str] = set()
        self._silent = False

    def begin(self) -> None:
        """Open and keep listing, in the background."""
        self._spawn(self._open())

    def _spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _open(self) -> None:
        try:
            await self.provider.open(self)
            if self.provider.connection.link is Link.UP:
                await self.refresh()
            self._register.connection_changed(self.provider.connection)
        except ProblemError as error:
            _log.warning("%s: %s %s", self.provider.uri, error.problem.what, error.problem.why)
        except Exception as error:  # noqa: BLE001 root of this connection: its bug must not take others along
            _log.exception("opening %s failed", self.provider.uri)
            self._register.connection_changed(self._broken(error))
        self.settled.set()
        await self._keep_listing()

    def _broken(self, error: Exception) -> Connection:
        connection = self.provider.connection
        fault = Problem(
            Code.INTERNAL,
            f"Opening {connection.uri} failed.",
            why=repr(error),
            next=REPORT,
        )
        return msgspec.structs.replace(connection, link=Link.DOWN, problem=fault)

    async def _keep_listing(self) -> None:
        while True:
            await asyncio.sleep(self._resync_seconds)
            if self.provider.connection.link is Link.UP:
                self._ask_for_list()

    # -- listing -------------------------------------------------------------------------------------

    async def refresh(self) -> None:
        """List the machines; what was asked during a listing is answered by one more after it."""
        await asyncio.shield(self._ask_for_list())

    def _ask_for_list(self) -> asyncio.Task[None]:
        if self._listing is not None and not self._listing.done():
            self._again = True
            return self._listing
        self._listing = self._spawn(self._list())
        return self._listing

    async def _list(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            self._heard.clear()
            try:
                machines = await self.provider.machines()
            except ProblemError as error:
                _log.warning("listing %s: %s %s", self.provider.uri, error.problem.what, error.problem.why)
                return
            self._take({machine.id: machine for machine in machines})

    def _take(self, listed: dict[str, Machine]) -> None:
        """Believe the list, but for machines that told of themselves while it was made: they are newer."""
        for id, machine in listed.items():
            if id not in self._heard:
                self._register.machine_changed(machine)
        for id in [id for id in self._register.machines if split_id(id)[0] == self.provider.uri]:
            if id not in listed and id not in self._heard:
                self._register.machine_removed(id)

    # -- what the provider tells ---------------------------------------------------------------------

    def fall_silent(self) -> None:
        """Pass nothing on any more: the connection was taken away, or another one takes its place."""
        self._silent = True

    def machine_changed(self, machine: Machine) -> None:
        """Pass on, and remember as newer than a list under way."""
        if self._silent:
            return
        self._heard.add(machine.id)
        self._register.machine_changed(machine)

    def machine_removed(self, machine: str) -> None:
        """Pass on, and remember as newer than a list under way."""
        if self._silent:
            return
        self._heard.add(machine)
        self._register.machine_removed(machine)

    def connection_changed(self, connection: Connection) -> None:
        """Pass on; a link that came (back) up is listed, since events were missed.

        At first it counts as up once it is listed: up and empty would read as a host without machines.
        """
        if self._silent or (connection.link is Link.UP and not self.settled.is_set()):
            return
        self._register.connection_changed(connection)
        if connection.link is Link.UP and self.settled.is_set():
            self._ask_for_list()

    # -- end -----------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Stop listening; a provider that hangs is left after a moment."""
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=CLOSE_SECONDS)
        with contextlib.suppress(TimeoutError, ProblemError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.provider.close()
