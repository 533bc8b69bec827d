"""What tests of cloning share: an engine of parts over one connection, and a job that fails on order."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from clonebox_tui.engine.act import Handlers, Step, StepRun
from clonebox_tui.engine.clone.base import Base, Bases
from clonebox_tui.engine.clone.handler import CloneHandler
from clonebox_tui.engine.clone.job import Surroundings
from clonebox_tui.engine.delete import DeleteHandler
from clonebox_tui.engine.detect import read_host_limits
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.guest import Agents
from clonebox_tui.model.acts import CloneMachine, DeleteMachine
from clonebox_tui.model.environment import GIBIBYTE, MEBIBYTE, Accel, MachineWish
from clonebox_tui.model.job import Job
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers import provider_for
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore

WISH = MachineWish(
    name="trial",
    vcpus=1,
    memory_bytes=512 * MEBIBYTE,
    disk_bytes=2 * GIBIBYTE,
    username="dev",
    uid=1000,
)


class GivenBase:
    """`Bases` with one image that is always there."""

    def __init__(self, base: Base) -> None:
        self.base = base

    async def find(self, _connection: str, _wanted: str | None) -> Base | None:
        return self.base

    async def build(self, _connection: str, _run: StepRun) -> Base:
        return self.base

    async def standard_name(self, _connection: str) -> str:
        return self.base.name


@dataclass
class FailingClone(CloneHandler):
    """The real handler; the step named `fails` does its work and then breaks."""

    surroundings: Surroundings
    fails: str = ""
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.surroundings)

    async def steps(self, act: CloneMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        steps = await super().steps(act, memory)
        self.names = [step.name for step in steps]
        return [self._breaking(step) if step.name == self.fails else step for step in steps]

    def _breaking(self, step: Step) -> Step:
        async def do(run: StepRun) -> None:
            if step.name not in ("boot", "ready"):  # those wait for a guest that tests of failure do not have
                await step.do(run)
            raise problem(Code.GUEST_ERROR, f"{step.name} broke")

        return replace(step, do=do)


@dataclass
class Workshop:
    """Everything a clone needs, opened; `clone` runs a job to its end."""

    fleet: Fleet
    handler: FailingClone
    jobs: JobRunner
    uri: str

    async def run(self, act: CloneMachine | DeleteMachine) -> Job:
        plan = await self.jobs.plan(act, None)
        job = await self.jobs.run(act, plan.fingerprint)
        return await self.jobs.wait(job.id)


@asynccontextmanager
async def workshop(uri: str, world: Path, bases: Bases) -> AsyncIterator[Workshop]:
    """An engine's parts over `uri`, with a store of its own in `world`."""
    place = places({"HOME": str(world / "home")}, 0)
    fleet = Fleet(provider_for)
    fleet.add(uri)
    await fleet.opened(60)
    agents = Agents()

    async def accelerator(_wish: Accel) -> str:
        return "tcg"

    around = Surroundings(
        fleet, place, bases, lambda one: agents.of(*fleet.provider_of(one)), accelerator, read_host_limits
    )
    handler = FailingClone(around)
    handlers: Handlers = {CloneMachine: handler, DeleteMachine: DeleteHandler(fleet, place)}
    database = await Database.open(world / "jobs.sqlite")
    try:
        yield Workshop(fleet, handler, JobRunner(JobStore(database), handlers), uri)
    finally:
        await fleet.close()
        await database.close()


class Notes:
    """A `StepRun` that keeps everything in memory."""

    def __init__(self) -> None:
        self.job_id = "test"
        self.memory: dict[str, object] = {}
        self.told: list[tuple[str, float, float | None]] = []
        self.lines: list[str] = []

    async def remember(self, **facts: object) -> None:
        self.memory.update(facts)

    def progress(self, phase: str, done: float = 0, total: float | None = None, unit: str = "") -> None:
        self.told.append((phase, done, total))

    def log(self, line: str) -> None:
        self.lines.append(line)
