"""Jobs and their journal as kept on disk: what was meant, what was begun, what an undo needs to know."""

import sqlite3
from collections.abc import Iterable, Mapping

import msgspec

from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import Job, StepState
from clonebox_tui.model.log import LogLine
from clonebox_tui.store.database import Database


class KeptJob(msgspec.Struct, frozen=True):
    """A job as it was last written, with its lane and act."""

    job: Job
    lane: str
    act: Act


class JournalEntry(msgspec.Struct, frozen=True):
    """One line of a journal: a step came to a state; `memory` is all that was remembered by then."""

    step: str
    state: StepState
    memory: dict[str, object]
    at: float


class JobStore:
    """Reads and writes; every write is durable when its call returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, kept: KeptJob) -> None:
        """Keep a new job."""
        row = (
            kept.job.id, kept.lane, msgspec.json.encode(kept.act), msgspec.json.encode(kept.job),
            kept.job.state.ended, kept.job.created_at,
        )  # fmt: skip
        await self._database.run(lambda file: _done(file, "INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?)", row))

    async def update(self, job: Job) -> None:
        """Write a job's new state."""
        await self._database.run(lambda file: _update(file, job))

    async def note(self, job: Job, entry: JournalEntry) -> None:
        """Write a line of the journal, and the job with it."""
        row = (job.id, entry.step, entry.state.value, msgspec.json.encode(entry.memory), entry.at)

        def write(file: sqlite3.Connection) -> None:
            file.execute("INSERT INTO journal (job, step, state, memory, at) VALUES (?, ?, ?, ?, ?)", row)
            _update(file, job)

        await self._database.run(write)

    async def journal(self, job_id: str) -> tuple[JournalEntry, ...]:
        """The journal of a job, oldest line first."""
        query = "SELECT step, state, memory, at FROM journal WHERE job = ? ORDER BY sequence"
        rows = await self._database.run(lambda file: file.execute(query, (job_id,)).fetchall())
        return tuple(
            JournalEntry(step, StepState(state), msgspec.json.decode(memory, type=dict[str, object]), at)
            for step, state, memory, at in rows
        )

    async def newest(self, count: int) -> tuple[KeptJob, ...]:
        """The newest jobs and all that have not ended, oldest first. What cannot be read is left out."""
        query = (
            "SELECT job, lane, act FROM jobs WHERE NOT ended OR id IN "
            "(SELECT id FROM jobs ORDER BY created_at DESC LIMIT ?) ORDER BY created_at"
        )
        rows = await self._database.run(lambda file: file.execute(query, (count,)).fetchall())
        return tuple(kept for kept in map(_read, rows) if kept is not None)

    async def act(self, job_id: str) -> Act | None:
        """The act of a job as it is kept; None when it cannot be read (any more)."""
        query = "SELECT job, lane, act FROM jobs WHERE id = ?"
        rows = await self._database.run(lambda file: file.execute(query, (job_id,)).fetchall())
        kept = next(map(_read, rows), None)
        return kept.act if kept else None

    async def forget_older(self, keep: int) -> None:
        """Forget ended jobs but for the newest `keep`."""
        newest = "SELECT id FROM jobs ORDER BY created_at DESC LIMIT ?"
        query = f"SELECT id FROM jobs WHERE ended AND id NOT IN ({newest})"  # noqa: S608 our own words

        def forget(file: sqlite3.Connection) -> None:
            ids = file.execute(query, (keep,)).fetchall()
            file.executemany("DELETE FROM journal WHERE job = ?", ids)
            file.executemany("DELETE FROM job_lines WHERE job = ?", ids)
            file.executemany("DELETE FROM jobs WHERE id = ?", ids)

        await self._database.run(forget)

    async def add_lines(self, job_id: str, lines: Iterable[LogLine]) -> None:
        """Keep lines of a job's log."""
        rows = [(job_id, line.time, line.text) for line in lines]
        await self._database.run(
            lambda file: file.executemany("INSERT INTO job_lines VALUES (?, ?, ?)", rows) and None
        )

    async def lines(self, job_id: str) -> tuple[LogLine, ...]:
        """A job's log, oldest line first."""
        query = "SELECT at, text FROM job_lines WHERE job = ? ORDER BY rowid"
        rows = await self._database.run(lambda file: file.execute(query, (job_id,)).fetchall())
        return tuple(LogLine(at, text) for at, text in rows)


def _done(file: sqlite3.Connection, statement: str, row: tuple[object, ...]) -> None:
    file.execute(statement, row)


def _update(file: sqlite3.Connection, job: Job) -> None:
    row = (msgspec.json.encode(job), job.state.ended, job.id)
    file.execute("UPDATE jobs SET job = ?, ended = ? WHERE id = ?", row)


def _read(row: tuple[bytes, str, bytes]) -> KeptJob | None:
    try:
        job = msgspec.json.decode(row[0], type=Job)
        return KeptJob(job, row[1], msgspec.json.decode(row[2], type=Act))
    except msgspec.DecodeError:
        return None  # written by a version whose acts were others


def last_memory(journal: Iterable[JournalEntry]) -> Mapping[str, object]:
    """What the steps of a journal remembered, as of its last line."""
    memory: Mapping[str, object] = {}
    for entry in journal:
        memory = entry.memory
    return memory
