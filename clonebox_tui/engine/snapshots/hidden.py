"""Deleted snapshots: left out of every list for some days, though they are still in the disk.

What is written down is only who is hidden. Were that lost, the snapshots would be seen again: nothing is
ever lost by it.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from clonebox_tui.model.snapshot import Snapshot, without
from clonebox_tui.model.trash import DAYS_KEPT, TrashedSnapshot
from clonebox_tui.store.hidden import HiddenStore


def _week() -> float:
    return DAYS_KEPT * 86_400.0


class Hidden:
    """Which snapshots are hidden. Without a store it is forgotten with the process."""

    def __init__(
        self,
        store: HiddenStore | None = None,
        seconds_kept: Callable[[], float] = _week,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._seconds_kept = seconds_kept
        self._clock = clock
        self._known: dict[tuple[str, str], TrashedSnapshot] = {}

    async def load(self) -> None:
        """Read what earlier workers kept."""
        if self._store is not None:
            self._known = {(each.machine, each.name): each for each in await self._store.all()}

    @property
    def all(self) -> tuple[TrashedSnapshot, ...]:
        """All of them, newest first."""
        return tuple(sorted(self._known.values(), key=lambda each: each.deleted_at, reverse=True))

    def until(self) -> float:
        """When what is hidden now is gone for good; CONFIG_INVALID."""
        return self._clock() + self._seconds_kept()

    def visible(self, machine: str, snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
        """Those that are not hidden, as a tree of their own."""
        return without(snapshots, {each.name for each in snapshots if self._is_hidden(machine, each)})

    def hidden(self, machine: str, snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
        """The others."""
        return tuple(each for each in snapshots if self._is_hidden(machine, each))

    async def hide(self, machine: str, names: Iterable[str]) -> None:
        """Leave these out from now on."""
        now, until = self._clock(), self.until()
        added = [TrashedSnapshot(machine, name, now, until) for name in names]
        if self._store is not None:
            await self._store.add(added)
        self._known.update({(each.machine, each.name): each for each in added})

    async def show(self, machine: str, names: Iterable[str]) -> None:
        """Hide these no longer."""
        known = tuple(names)
        if self._store is not None:
            await self._store.drop(machine, known)
        for name in known:
            self._known.pop((machine, name), None)

    def _is_hidden(self, machine: str, snapshot: Snapshot) -> bool:
        kept = self._known.get((machine, snapshot.name))
        # One that was taken later, by virsh, only has the name of a deleted one.
        return kept is not None and snapshot.created_at <= kept.deleted_at
