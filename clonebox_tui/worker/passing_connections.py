"""Connections that single front ends asked for: closed again once nobody has wanted them for a while."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Hashable, Iterable

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model.problem import ProblemError

LINGER_SECONDS = 60.0
"""One command after another with the same `--connect` finds it open; a forgotten one is not kept for ever."""

_LOOKS = 20
"""Looks within that time."""

_log = logging.getLogger(__name__)


class PassingConnections:
    """Those of the fleet that only stay as long as a front end wants them."""

    def __init__(
        self,
        fleet: Fleet,
        needed: Callable[[], Collection[str]],
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        """`needed` names the URIs that must stay although no front end asked for them."""
        self._fleet = fleet
        self._needed = needed
        self._linger_seconds = linger_seconds
        self._wanted_by: dict[Hashable, set[str]] = {}
        self._last_wanted: dict[str, float] = {}

    def want(self, front_end: Hashable, uris: Iterable[str]) -> None:
        """A front end wants these; those that are not there yet are made, and are passing ones."""
        for uri in uris:
            if uri not in self._fleet.connections:
                self._last_wanted[uri] = time.monotonic()
                self._fleet.add(uri)
            self._wanted_by.setdefault(front_end, set()).add(uri)

    def left(self, front_end: Hashable) -> None:
        """A front end went."""
        self._wanted_by.pop(front_end, None)

    async def watch(self) -> None:
        """Look from time to time, for ever."""
        while True:
            await asyncio.sleep(self._linger_seconds / _LOOKS)
            for uri in self._forgotten():
                try:
                    await self._fleet.remove(uri)
                    _log.info("closed a connection that nobody wants any more", extra={"uri": uri})
                except ProblemError:
                    continue  # somebody else closed it

    def _forgotten(self) -> list[str]:
        now = time.monotonic()
        wanted = set().union(*self._wanted_by.values())
        if self._last_wanted.keys() - wanted:
            wanted |= set(self._needed())
        self._last_wanted.update(dict.fromkeys(self._last_wanted.keys() & wanted, now))
        old = [uri for uri, at in self._last_wanted.items() if now - at >= self._linger_seconds]
        for uri in old:
            del self._last_wanted[uri]
        return old
