"""Which damaged stores were set aside, until a person has seen it: what they held is missing from lists."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.store.database import Database


class Damage:
    """What the store that took a damaged one's place remembers of it. `load` first."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unseen: tuple[tuple[str, str], ...] = ()

    async def load(self) -> None:
        """Read what nobody has seen yet."""
        query = "SELECT kept, why FROM damage WHERE NOT seen ORDER BY at"
        rows = await self._database.run(lambda file: file.execute(query).fetchall())
        self._unseen = tuple((str(kept), str(why)) for kept, why in rows)

    @property
    def trouble(self) -> Problem | None:
        """What to show; None when there is nothing new."""
        return trouble_of(self._unseen) if self._unseen else None

    async def seen(self) -> None:
        """Somebody has seen it: it is not told again."""
        self._unseen = ()

        def write(file: sqlite3.Connection) -> None:
            file.execute("UPDATE damage SET seen = 1")

        await self._database.run(write)


def trouble_of(set_aside: Iterable[tuple[str, str]]) -> Problem:
    """Damaged stores, as (path, reason), in a person's words."""
    found = tuple(set_aside)
    return Problem(
        Code.STORE_DAMAGED,
        "The list of jobs and the past figures were damaged; new ones were begun.",
        why=found[-1][1],
        next="Machines are not touched. A job that ran then may have left something: `clonebox-tui doctor`.",
        details=tuple(f"Set aside: {path}" for path, _ in found),
    )


def set_aside_beside(database: Path) -> tuple[Path, ...]:
    """The damaged stores that lie beside the present one, oldest first."""
    return tuple(sorted(database.parent.glob(f"{database.name}.damaged-*")))
