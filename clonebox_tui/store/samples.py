"""One-minute averages of what machines did, kept for a day: graphs have a past after a restart."""

import sqlite3
from collections.abc import Sequence

import msgspec

from clonebox_tui.model.sample import Reading
from clonebox_tui.store.database import Database

KEPT_MINUTES = 24 * 60

_PRUNE_EVERY = 10
"""Minutes between prunings."""


class SampleStore:
    """What `engine.history` asks for. Rows are small: a day of 1 000 machines is some 100 MB at most,
    of ten about 1 MB."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pruned = 0

    async def rollup(self, rows: Sequence[tuple[int, Reading]]) -> None:
        """Keep averages of whole minutes, as (minutes since the UNIX epoch, reading)."""
        kept = [(reading.id, minute, msgspec.json.encode(reading)) for minute, reading in rows]
        newest = max((minute for minute, _ in rows), default=0)
        prune = newest - self._pruned >= _PRUNE_EVERY
        if prune:
            self._pruned = newest

        def write(file: sqlite3.Connection) -> None:
            file.executemany("INSERT OR REPLACE INTO samples VALUES (?, ?, ?)", kept)
            if prune:
                file.execute("DELETE FROM samples WHERE minute < ?", (newest - KEPT_MINUTES,))

        await self._database.run(write)

    async def past(self, machine: str, first_minute: int, last_minute: int) -> Sequence[tuple[int, Reading]]:
        """The kept minutes of one machine, both ends included, oldest first."""
        query = (
            "SELECT minute, reading FROM samples WHERE machine = ? AND minute BETWEEN ? AND ? ORDER BY minute"
        )
        asked = (machine, first_minute, last_minute)
        rows = await self._database.run(lambda file: file.execute(query, asked).fetchall())
        return [(minute, msgspec.json.decode(reading, type=Reading)) for minute, reading in rows]
