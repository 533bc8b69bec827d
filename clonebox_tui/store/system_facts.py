"""What guests told of themselves when their snapshots were taken, as kept on disk."""

from collections.abc import Collection, Iterable

from clonebox_tui.store.database import Database


class SystemFactsStore:
    """Every write is durable when its call returns. Facts are bytes, in the caller's form."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, machine: str, name: str, facts: bytes) -> None:
        """Keep those of a snapshot, in place of what was kept under its name."""
        query = "INSERT OR REPLACE INTO system_facts VALUES (?, ?, ?)"
        await self._database.run(lambda file: file.execute(query, (machine, name, facts)) and None)

    async def of(self, machine: str, name: str) -> bytes | None:
        """Those of a snapshot."""
        query = "SELECT facts FROM system_facts WHERE machine = ? AND name = ?"
        rows = await self._database.run(lambda file: file.execute(query, (machine, name)).fetchall())
        return bytes(rows[0][0]) if rows else None

    async def drop(self, machine: str, names: Iterable[str]) -> None:
        """Forget those of these snapshots."""
        rows = [(machine, name) for name in names]
        query = "DELETE FROM system_facts WHERE machine = ? AND name = ?"
        await self._database.run(lambda file: file.executemany(query, rows) and None)

    async def drop_others(self, machine: str, names: Collection[str]) -> None:
        """Forget those of the machine's snapshots but for these: they were deleted behind our back."""
        query = "SELECT name FROM system_facts WHERE machine = ?"
        rows = await self._database.run(lambda file: file.execute(query, (machine,)).fetchall())
        gone = [name for (name,) in rows if name not in names]
        if gone:
            await self.drop(machine, gone)
