"""The one SQLite file: opened, migrated and used on a thread of its own, so that no disk holds the loop.

WAL with synchronous=FULL: what a commit returned for survives a crash, also of the host (the journal
needs that; a commit costs about 0.4 ms). A damaged file is set aside, never repaired in place.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.store.migrations import MIGRATIONS

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Database:
    """Make it with `open`. Work given to `run` happens in order, each piece in one transaction."""

    def __init__(self, path: Path, executor: ThreadPoolExecutor, connection: sqlite3.Connection) -> None:
        self.path = path
        self._executor = executor
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> "Database":
        """Open or make the file at `path`, its folder too; VERSION_MISMATCH when a newer program wrote it."""
        executor = ThreadPoolExecutor(1, thread_name_prefix="store")
        loop = asyncio.get_running_loop()
        try:
            connection = await loop.run_in_executor(executor, _opened, path)
        except BaseException:
            executor.shutdown()
            raise
        return cls(path, executor, connection)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` on the file's thread, in a transaction; committed when this returns.

        Once begun it is finished, even if the caller is cancelled meanwhile.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, self._transaction, work)

    async def close(self) -> None:
        """Finish what was given and close the file."""
        await asyncio.get_running_loop().run_in_executor(self._executor, self._connection.close)
        self._executor.shutdown()

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._connection as connection:
                return work(connection)
        except sqlite3.OperationalError as error:
            raise _unwritten(self.path, error) from error


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # no room, no right to write: the file itself may be whole
        kept = _set_aside(path, str(error))
        connection = _connect(path)
        with connection:
            connection.execute("INSERT INTO damage VALUES (?, ?, ?, 0)", (str(kept), str(error), time.time()))
        return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10.0, check_same_thread=False)
    try:
        path.chmod(0o600)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise problem(
            Code.VERSION_MISMATCH,
            "The store was written by a newer version of this program.",
            why=f"{path} has format {version}, this program knows up to {len(MIGRATIONS)}",
            next="Update this program, or move that file away.",
        )
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number:d}")


def _unwritten(path: Path, error: sqlite3.OperationalError) -> ProblemError:
    full = error.sqlite_errorcode == sqlite3.SQLITE_FULL
    return problem(
        Code.DISK_FULL if full else Code.INTERNAL,
        "The store of jobs could not be used.",
        why=f"{path}: {error}",
        next="Make room on its file system." if full else "Check its file system, then try again.",
    )


def _set_aside(path: Path, reason: str) -> Path:
    kept = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    path.rename(kept)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    _log.error(
        "the store was damaged and set aside; a new one begins", extra={"kept": str(kept), "why": reason}
    )
    return kept
