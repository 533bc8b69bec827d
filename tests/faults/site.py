"""Where a real worker does one act and is killed or broken on the way, with an inventory of it all."""

import asyncio
import contextlib
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clonebox_tui.client import Client
from clonebox_tui.engine.current_job import JOB_VARIABLE
from clonebox_tui.engine.failpoints import TRACE_VARIABLE, VARIABLE
from clonebox_tui.guest.execution import pauses
from clonebox_tui.model.acts import Act
from clonebox_tui.model.connection import Link
from clonebox_tui.model.job import Job
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.problem import Code, Problem, ProblemError
from clonebox_tui.model.rpc import FLEET, JOBS, UNDO, Nothing, Undo
from tests.worker.conftest import alive, ended, worker_pid

WAIT_SECONDS = 200.0
_OWN_FILES = ("worker.log", "worker.out", "worker.lock", "spawn.lock", "clonebox.sqlite")
_LOST = (Code.WORKER_UNAVAILABLE, Code.CONNECTION_LOST)


@dataclass
class Site:
    """One worker's world. `folders` are looked through; `machines` tells what the backend knows."""

    uri: str
    world: Path
    folders: Sequence[Path]
    machines: Callable[[], list[str]] = list
    demo: bool = False
    points: Counter[str] = field(default_factory=Counter)
    """Points that the last attempt reached, by kind."""
    store_fails: bool = False
    """Whether the end of a job may be impossible to write."""
    refused: Problem | None = None
    """Why the last act was not even begun."""

    @property
    def _trace(self) -> Path:
        return self.world / "trace"

    @property
    def where(self) -> Places:
        return places(os.environ, os.geteuid(), demo=self.demo)

    async def attempt(self, act: Act | Undo, failpoint: str = "") -> Job | None:
        """Do the act to its end, whoever ends it; None when nothing of it was ever written down."""
        known = set(self._jobs(""))
        with self.prepared(failpoint):
            client = await self.connect()
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await up(client)
                with self.armed(failpoint):
                    try:
                        undoes = isinstance(act, Undo)
                        begun = await (client.call(UNDO, act) if undoes else client.run(act))
                        return await client.wait(begun.id)
                    except ProblemError as error:
                        if error.problem.code in _LOST:
                            return await self.last_job(known)
                        self.refused = error.problem
                        return None
        finally:
            await client.close()
            self.points = self.counted()

    @contextlib.contextmanager
    def prepared(self, failpoint: str) -> Iterator[None]:
        """The surroundings in which the worker is started."""
        self._trace.unlink(missing_ok=True)
        with environment({VARIABLE: failpoint, TRACE_VARIABLE: str(self._trace)}):
            yield

    @contextlib.contextmanager
    def armed(self, failpoint: str) -> Iterator[None]:
        """While the act is done; the worker's start is over."""
        del failpoint
        yield

    def counted(self) -> Counter[str]:
        """The points that were reached, by kind."""
        text = self._trace.read_text() if self._trace.exists() else ""
        return Counter(" ".join(line.split()[:2]) for line in text.splitlines())

    async def look_again(self) -> list[str]:
        """The inventory after another worker came and went."""
        self.stop()
        await self.last_job(set())
        self.stop()
        return self.inventory()

    def inventory(self) -> list[str]:
        """Everything that a job could have left, or lost."""
        return sorted(
            [*self.machines(), *self._files(), *self._state(), *self._programs(), *self._open_jobs()]
        )

    def stop(self) -> None:
        """End the worker as `worker stop` does."""
        pid = worker_pid(self.where)
        if pid and alive(pid):
            os.kill(pid, signal.SIGTERM)
            assert ended(pid, WAIT_SECONDS)

    async def connect(self) -> Client:
        """A front end; the worker is started if need be."""
        return await Client.connect(self.where, demo=self.demo, worker_arguments=("--connect", self.uri))

    async def last_job(self, known: set[str]) -> Job | None:
        """The newest job, ended, unless it was known before."""
        async with await self.connect() as client:
            await up(client)
            jobs = (await client.call(JOBS, Nothing())).jobs
            return await client.wait(jobs[0].id) if jobs and jobs[0].id not in known else None

    def _files(self) -> list[str]:
        return [f"file {path}" for folder in self.folders for path in folder.rglob("*")]

    def _state(self) -> list[str]:
        return [
            f"state {path}" for path in self.where.state.glob("*") if not path.name.startswith(_OWN_FILES)
        ]

    def _open_jobs(self) -> list[str]:
        return [f"open job {job}" for job in self._jobs("WHERE NOT ended")]

    def _programs(self) -> list[str]:
        marks = {f"{JOB_VARIABLE}={job}".encode() for job in self._jobs("")}
        found = []
        for folder in Path("/proc").iterdir() if marks else ():
            with contextlib.suppress(OSError):
                if folder.name.isdigit() and marks & set((folder / "environ").read_bytes().split(b"\0")):
                    found.append(f"program {(folder / 'cmdline').read_bytes()!r}")
        return found

    def _jobs(self, which: str) -> list[str]:
        if not self.where.database.exists():
            return []
        with contextlib.closing(sqlite3.connect(self.where.database)) as file:
            return [row[0] for row in file.execute(f"SELECT id FROM jobs {which}")]  # noqa: S608 our own words


async def up(client: Client) -> None:
    """A connection is listed at once and opened a moment later."""
    async for _ in pauses(0.02):
        if all(each.link is Link.UP for each in (await client.call(FLEET, Nothing())).connections):
            return


@contextlib.contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Variables that hold for a moment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield
