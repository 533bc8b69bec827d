"""Deleted snapshots that are still in their machines' disks, as kept on disk."""

import sqlite3
from collections.abc import Iterable

from clonebox_tui.model.trash import TrashedSnapshot
from clonebox_tui.store.database import Database


class HiddenStore:
    """Reads and writes; every write is durable when its call returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[TrashedSnapshot, ...]:
        """All of them, in no order."""
        query = "SELECT machine, name, deleted_at, until_at FROM hidden_snapshots"
        rows = await self._database.run(lambda file: file.execute(query).fetchall())
        return tuple(TrashedSnapshot(*row) for row in rows)

    async def add(self, hidden: Iterable[TrashedSnapshot]) -> None:
        """Keep these, each once."""
        rows = [(each.machine, each.name, each.deleted_at, each.until_at) for each in hidden]

        def write(file: sqlite3.Connection) -> None:
            file.executemany("INSERT OR REPLACE INTO hidden_snapshots VALUES (?, ?, ?, ?)", rows)

        await self._database.run(write)

    async def drop(self, machine: str, names: Iterable[str]) -> None:
        """Forget these."""
        rows = [(machine, name) for name in names]
        query = "DELETE FROM hidden_snapshots WHERE machine = ? AND name = ?"
        await self._database.run(lambda file: file.executemany(query, rows) and None)
