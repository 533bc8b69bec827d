"""Looks at the snapshots of machines on screen: libvirt has no events for them."""

import asyncio
import logging
from collections.abc import Callable

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.snapshots.hidden import Hidden
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.snapshot import Snapshot

LOOK_SECONDS = 2.0

Told = Callable[[str, tuple[Snapshot, ...]], None]

_log = logging.getLogger(__name__)


class SnapshotWatch:
    """Tells when the snapshots of a watched machine are others than at the last look."""

    def __init__(
        self, fleet: Fleet, wanted: Callable[[], frozenset[str]], told: Told, hidden: Hidden | None = None
    ) -> None:
        """`wanted` gives the ids of the machines on screen; `hidden` are snapshots in the trash."""
        self._hidden = hidden or Hidden()
        self._fleet = fleet
        self._wanted = wanted
        self._told = told
        self._known: dict[str, tuple[Snapshot, ...]] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()

    async def watch(self) -> None:
        """Look for ever; a machine whose last look has not come back is left out, and holds up no other."""
        try:
            while True:
                self._wake.clear()
                self._look()
                try:
                    await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
                except TimeoutError:
                    continue
        finally:
            for task in tuple(self._looking.values()):
                task.cancel()

    def now(self) -> None:
        """Look at once: something else is on screen, or a snapshot was just taken or deleted."""
        self._wake.set()

    def _look(self) -> None:
        wanted = self._wanted()
        for machine in self._known.keys() - wanted:
            del self._known[machine]
        for machine in wanted - self._looking.keys():
            task = asyncio.create_task(self._list(machine), name=machine)
            self._looking[machine] = task
            task.add_done_callback(self._looked)

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._looking.pop(task.get_name(), None)

    async def _list(self, machine: str) -> None:
        try:
            provider, uuid = self._fleet.provider_of(machine)
            found = self._hidden.visible(machine, await provider.snapshots(uuid))
        except ProblemError:
            return  # gone or out of reach: the fleet tells that
        except Exception:  # noqa: BLE001 root of a look: the next one comes
            _log.exception("listing snapshots failed")
            return
        if self._known.get(machine) != found:
            self._known[machine] = found
            self._told(machine, found)
