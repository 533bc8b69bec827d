"""From the name of a log to a place in it: `serial`, `journal`, `file:/PATH`, `worker`, `job:ID`."""

import time
from collections.abc import Callable
from pathlib import Path

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.engine.log_sources.file_log import FileLog
from clonebox_tui.engine.log_sources.guest_file import GuestFile
from clonebox_tui.engine.log_sources.journal import JournalLog
from clonebox_tui.engine.log_sources.own import JobLines, WorkerLog
from clonebox_tui.engine.log_sources.source import Source
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.log import ALL, CLOUD_INIT, FILE, JOB, JOURNAL, WORKER
from clonebox_tui.model.machine import AgentState, State
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.protocol import LogChunk

CLOUD_INIT_FILE = "/var/log/cloud-init-output.log"


class Beside:
    """What logs are read from beside the machines' own: guests by their agents, the worker, its jobs."""

    def __init__(self, agent: Callable[[str], Agent], jobs: JobRunner, worker_log: Path) -> None:
        self.agent = agent
        self.jobs = jobs
        self.worker_log = worker_log


class GuestFileLog(FileLog):
    """A file of a guest, with the handle it is read by."""

    def __init__(self, file: GuestFile, clock: Callable[[], float], source: str, lossy: bool) -> None:
        super().__init__(file.read, clock, source, lossy)
        self._file = file

    async def close(self) -> None:
        """Give the handle back."""
        await self._file.close()


class Opening:
    """Names the logs of a machine, and opens them."""

    def __init__(
        self, fleet: Fleet, beside: Beside | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._fleet = fleet
        self._beside = beside
        self._clock = clock

    async def own(self, machine: str) -> tuple[str, ...]:
        """The logs that the machine's provider keeps; the first is the one to show."""
        provider, uuid = self._fleet.provider_of(machine)
        return (await provider.details(uuid)).log_sources

    def beside(self, machine: str) -> tuple[str, ...]:
        """What else can be read about it now, by name; `file:/PATH` and older jobs are not listed."""
        if self._beside is None:
            return ()
        known = self._fleet.machine(machine)
        simulated = known.connection.startswith("simulated")
        speaks = known.state is State.RUNNING and known.agent is AgentState.CONNECTED and not simulated
        jobs = [job.id for job in self._beside.jobs.jobs() if job.machine == machine]
        guest = (CLOUD_INIT, JOURNAL) if speaks else ()
        return (*guest, *(f"{JOB}{each}" for each in jobs[:1]), WORKER, ALL)

    def open(self, machine: str, source: str, lossy: bool) -> Source:
        """A place in the log `source`. USAGE, JOB_NOT_FOUND; whether it can be read, `tail` tells."""
        beside = self._beside
        if beside is None:
            return self._provided(machine, source, lossy)
        if source == WORKER:
            return WorkerLog(beside.worker_log, self._clock, source, lossy)
        if source == JOURNAL:
            return JournalLog(beside.agent(machine), self._clock, source)
        if source.startswith(JOB):
            return JobLines(beside.jobs, source.removeprefix(JOB), source)
        if source == CLOUD_INIT or source.startswith(FILE):
            path = CLOUD_INIT_FILE if source == CLOUD_INIT else source.removeprefix(FILE)
            return GuestFileLog(GuestFile(beside.agent(machine), _whole(path)), self._clock, source, lossy)
        return self._provided(machine, source, lossy)

    def _provided(self, machine: str, source: str, lossy: bool) -> Source:
        provider, uuid = self._fleet.provider_of(machine)

        async def read(offset: int, limit_bytes: int, identity: str) -> LogChunk:
            return await provider.read_log(uuid, source, offset, limit_bytes, identity)

        return FileLog(read, self._clock, source, lossy)


def _whole(path: str) -> str:
    if path.startswith("/") and "\0" not in path:
        return path
    raise problem(
        Code.USAGE,
        f"{path or 'Nothing'} is no whole path in the guest.",
        why="a file of the guest is named from its root",
        next="Write it as file:/var/log/syslog.",
    )
