"""What was done and can be taken back, as kept on disk."""

import sqlite3

import msgspec

from clonebox_tui.model.acts import Act
from clonebox_tui.model.undo import Deed
from clonebox_tui.store.database import Database


class KeptDeed(msgspec.Struct, frozen=True):
    """A deed with what takes it back, and what does it again once it was."""

    deed: Deed
    back: Act | None
    forth: Act | None = None
    pending: str = ""
    """The job that takes it back, or does it again, just now."""
    jobs: tuple[str, ...] = ()
    """All jobs that did so: they are no deeds of their own."""


class DeedStore:
    """Reads and writes; every write is durable when its call returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[KeptDeed, ...]:
        """All of them, in no order. What another version wrote and cannot be read is left out."""
        rows = await self._database.run(lambda file: file.execute("SELECT deed FROM deeds").fetchall())
        return tuple(kept for kept in (_read(row[0]) for row in rows) if kept is not None)

    async def keep(self, kept: KeptDeed) -> None:
        """Write one, new or changed."""
        row = (kept.deed.id, msgspec.json.encode(kept))

        def write(file: sqlite3.Connection) -> None:
            file.execute("INSERT OR REPLACE INTO deeds VALUES (?, ?)", row)

        await self._database.run(write)

    async def forget(self, ids: list[str]) -> None:
        """Forget these."""
        rows = [(each,) for each in ids]
        await self._database.run(
            lambda file: file.executemany("DELETE FROM deeds WHERE id = ?", rows) and None
        )


def _read(blob: bytes) -> KeptDeed | None:
    try:
        return msgspec.json.decode(blob, type=KeptDeed)
    except msgspec.DecodeError:
        return None
