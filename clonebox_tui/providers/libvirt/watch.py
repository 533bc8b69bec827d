"""Keeps a connection's machines known: listed once, then looked at where an event points.

Events can be missed; who owns the provider lists again from time to time.
"""

import asyncio
from collections.abc import Sequence

import libvirt

from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.providers.libvirt import machines
from clonebox_tui.providers.libvirt.connection import LibvirtLink
from clonebox_tui.providers.libvirt.threads import Lane
from clonebox_tui.providers.protocol import Listener


class Watch:
    """The known machines, and who hears of their changes. One thread looks, so looks never overtake."""

    def __init__(self, link: LibvirtLink, listener: Listener) -> None:
        self.known: dict[str, Machine] = {}
        self._link = link
        self._listener = listener
        self._lane = Lane(f"libvirt-look {link.uri}", 1)
        self._touched: set[str] = set()
        self._looking: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        self._lane.close()

    async def list(self) -> Sequence[Machine]:
        """All machines, read anew."""
        uri = self._link.uri
        found = await self._link.call(
            self._lane, f"Could not list the machines of {uri}", lambda c: machines.read_all(c, uri)
        )
        self.known = {machine.uuid: machine for machine in found}
        return found

    def touched(self, uuid: str) -> None:
        """Something happened to a machine: look at it soon, once for many such hints."""
        self._touched.add(uuid)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_at_touched())

    async def look(self, uuid: str) -> None:
        """Read one machine and tell what changed; a lost connection is told by the link."""
        uri = self._link.uri

        def read(connection: libvirt.virConnect) -> Machine:
            return machines.read_one(connection.lookupByUUIDString(uuid), uri)

        try:
            machine = await self._link.call(self._lane, f"Could not look at {uuid}", read)
        except ProblemError as error:
            if error.problem.code is Code.MACHINE_NOT_FOUND:
                self._forget(uuid)
            return
        if self.known.get(uuid) != machine:
            self.known[uuid] = machine
            self._listener.machine_changed(machine)

    async def _look_at_touched(self) -> None:
        while self._touched:
            await self.look(self._touched.pop())

    def _forget(self, uuid: str) -> None:
        gone = self.known.pop(uuid, None)
        if gone is not None:
            self._listener.machine_removed(gone.id)
