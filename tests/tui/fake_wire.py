"""A worker's wire in this process: a small, fixed fleet that answers at once and tells what it is told to.

For what must be the same at every run (stories, layout) or cannot be provoked from outside (a lost worker,
a refusal). Whatever the real worker can show is tested with the real worker.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from clonebox_tui.client import Event
from clonebox_tui.model.acts import StartMachine, tag
from clonebox_tui.model.connection import Connection, HostReading, Link
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.machine import Disk, Forward, Machine, MachineDetails, Share, State
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Asked, Chunk, Fleet, JobLog, Jobs, Nothing, Samples, Snapshots, Watch
from clonebox_tui.model.sample import Series
from tests.tui.fake_fleet import FLEET, GIB, HOST, LOG, NOW, SNAPSHOTS_OF_WEB, URI, reading


class FakeChunks:
    """A stream that can be fed and stays open until closed or ended."""

    def __init__(self, chunks: tuple[Chunk, ...] = ()) -> None:
        self.queue: asyncio.Queue[Chunk] = asyncio.Queue()
        self.closed = False
        self.written = b""
        for chunk in chunks:
            self.queue.put_nowait(chunk)

    async def __aiter__(self) -> AsyncIterator[Chunk]:
        while True:
            chunk = await self.queue.get()
            yield chunk
            if chunk.end:
                return

    async def write(self, data: bytes = b"", end: bool = False) -> None:
        """What is typed is kept."""
        del end
        self.written += data

    def close(self) -> None:
        """The reader has enough."""
        if not self.closed:
            self.closed = True
            self.queue.put_nowait(Chunk(0, 0, end=True))


class FakeWire:
    """`asked` records each call; `delay` slows it; `plans`, `refusals` set answers by act tag (or name)."""

    def __init__(self, machines: tuple[Machine, ...] = FLEET, link: Link = Link.UP) -> None:
        self.machines = {each.id: each for each in machines}
        self.connections: tuple[Connection, ...] = (Connection(URI, link, NOW - 7200, "simulated"),)
        self.asked: list[tuple[str, object]] = []
        self.delay = 0.0
        self.hosts_past: Machine | None = HOST
        self.plans: dict[str, Plan] = {}
        self.refusals: dict[str, Exception] = {}
        self.jobs: list[Job] = []
        self.streams: dict[str, list[FakeChunks]] = {}
        self.replies: dict[str, tuple[Chunk, ...]] = {}
        self._listeners: list[Callable[[Event], None]] = []

    # -- what the cockpit calls --------------------------------------------------------------------

    async def call(self, method: object, params: object) -> object:
        """Answer as the method table says."""
        name: str = method.name  # type: ignore[attr-defined]
        self.asked.append((name, params))
        if self.delay:
            await asyncio.sleep(self.delay)
        answer = getattr(self, "_" + name.replace(".", "_"), None)
        if answer is None:
            raise problem(Code.NOT_SUPPORTED, f"{name} is not part of this test.")
        return answer(params)

    async def open_stream(self, method: object, params: object) -> FakeChunks:
        """A stream: the log's first lines, or what `replies` says."""
        name: str = method.name  # type: ignore[attr-defined]
        self.asked.append((name, params))
        if self.delay:
            await asyncio.sleep(self.delay)
        if name in self.refusals:
            raise self.refusals[name]
        chunks = self.replies.get(name, ())
        if name == "log.follow" and not chunks:
            chunks = (Chunk(1, 1, lines=tuple(LogLine(NOW, line) for line in LOG)),)
        stream = FakeChunks(chunks)
        self.streams.setdefault(name, []).append(stream)
        return stream

    async def fleet(self) -> Fleet:
        """The whole fleet."""
        if self.delay:
            await asyncio.sleep(self.delay)
        return Fleet(tuple(self.machines.values()), self.connections, 1)

    async def watch(self, wanted: Watch) -> None:
        """Remember what was asked for."""
        self.asked.append(("fleet.watch", wanted))

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Hear what `tell` tells."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def start_again(self) -> None:
        """There is always a worker here."""

    async def close(self) -> None:
        """Nothing to hang up."""

    # -- what a test does --------------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """Send a notification."""
        for listener in tuple(self._listeners):
            listener(event)

    def sample(self, moment: float = 0.0) -> None:
        """One tick."""
        readings = tuple(reading(each, moment) for each in self.machines.values())
        host = HostReading(URI, 23.0 + moment % 7, int(9.1 * GIB), 24 * GIB, 3e6, 1e6 + moment, 2e5, 1e5)
        self.tell(Samples(NOW + moment, readings, (host,)))

    def names(self) -> list[str]:
        """Methods called so far."""
        return [name for name, _ in self.asked]

    def acts(self) -> list[object]:
        """Acts that were run."""
        return [params.act for name, params in self.asked if name == "act.run"]  # type: ignore[attr-defined]

    # -- answers -----------------------------------------------------------------------------------

    def _machine_show(self, params: object) -> MachineDetails:
        known = self.machines[params.machine]  # type: ignore[attr-defined]
        return MachineDetails(
            known,
            addresses=("10.0.2.15",) if known.state is State.RUNNING else (),
            disks=(Disk("vda", f"/home/dev/machines/{known.name}/disk.qcow2", "qcow2", 20 * GIB, 3 * GIB),),
            shares=(Share("/home/dev/web", "/home/dev/web", "s0", "9p"),),
            forwards=(Forward(40022, 22),),
            user="dev",
            image="debian-12",
            folder="/home/dev/web",
            packages=("nginx", "postgresql"),
            services=("nginx",),
            ports=(80,),
            log_sources=("serial", "qemu"),
            accelerator="tcg",
        )  # fmt: skip

    def _machine_history(self, params: object) -> Series:
        asked: str = params.machine  # type: ignore[attr-defined]
        known = self.machines.get(asked, self.hosts_past)
        points: int = params.points  # type: ignore[attr-defined]
        step: float = params.seconds / points  # type: ignore[attr-defined]
        readings = tuple(known and reading(known, -step * (points - i)) for i in range(points))
        return Series(asked, NOW - step, step, readings)

    def _snapshot_list(self, params: object) -> Snapshots:
        known = self.machines[params.machine]  # type: ignore[attr-defined]
        return Snapshots(known.id, SNAPSHOTS_OF_WEB if known.name == "web-dev" else ())

    def _console_resize(self, params: object) -> Nothing:
        if "console.resize" in self.refusals:
            raise self.refusals["console.resize"]
        return Nothing()

    def _job_list(self, params: Nothing) -> Jobs:
        return Jobs(tuple(self.jobs))

    def _job_log(self, params: object) -> JobLog:
        lines = ("virDomainCreate(web-dev)", "the guest agent answers")
        return JobLog(params.job, tuple(LogLine(NOW, line) for line in lines))  # type: ignore[attr-defined]

    def _job_act(self, params: object) -> Asked:
        job = next(job for job in self.jobs if job.id == params.job)  # type: ignore[attr-defined]
        return Asked(StartMachine(job.machine))

    def _job_cancel(self, params: object) -> Job:
        return next(job for job in self.jobs if job.id == params.job)  # type: ignore[attr-defined]

    def _act_plan(self, params: object) -> Plan:
        act = params.act  # type: ignore[attr-defined]
        known = self.machines[act.machine]
        for refused in (tag(act), known.name):
            if refused in self.refusals:
                raise self.refusals[refused]
        step = PlanStep(
            "do", f"{tag(act)} {known.name}", f"call({known.name})", f"virsh {tag(act)} {known.name}"
        )
        return (
            self.plans.get(known.name)
            or self.plans.get(tag(act))
            or Plan(tag(act), f"{tag(act)} {known.name}", (step,), "f1", known.id, known.name)
        )

    def _act_run(self, params: object) -> Job:
        act = params.act  # type: ignore[attr-defined]
        known = self.machines[act.machine]
        job = Job(
            f"job-{len(self.jobs) + 1}",
            tag(act),
            f"{tag(act)} {known.name}",
            JobState.RUNNING,
            NOW,
            known.id,
            known.name,
            NOW,
        )
        self.jobs.insert(0, job)
        return job
