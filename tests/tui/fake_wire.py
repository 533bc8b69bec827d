"""A worker's wire in this process: a small, fixed fleet that answers at once and tells what it is told to.

For what must be the same at every run (stories, layout) or cannot be provoked from outside (a lost worker,
a refusal). Whatever the real worker can show is tested with the real worker.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable

from clonebox_tui.client import Event
from clonebox_tui.model.acts import StartMachine, tag
from clonebox_tui.model.connection import Connection, HostReading, Link
from clonebox_tui.model.job import Job, JobState, JobStep, Progress, StepState
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.machine import AgentState, Disk, Forward, Machine, MachineDetails, Share, State
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Asked, Chunk, Fleet, JobLog, Jobs, Nothing, Samples, Snapshots, Watch
from clonebox_tui.model.sample import Reading, Series
from clonebox_tui.model.snapshot import Snapshot

NOW = 1_790_000_000.0
GIB = 1024**3
URI = "qemu:///session"

LOG = """[    0.000000] Linux version 6.1.0-30-amd64 (debian-kernel@lists.debian.org)
[    0.412345] virtio_net virtio0 ens3: renamed from eth0
[    1.842113] EXT4-fs (vda1): mounted filesystem with ordered data mode
[    2.104402] systemd[1]: Detected virtualization kvm.
19:02:04 systemd[1]: Started qemu-guest-agent.service - QEMU Guest Agent.
19:02:07 cloud-init[512]: modules:config ran 11 modules
19:02:09 nginx[733]: warning: could not build optimal types_hash, increase types_hash_max_size
19:02:11 cloud-init[512]: modules:final ran 9 modules
19:02:12 postgresql[781]: database system is ready to accept connections
19:02:13 redis[790]: error: background saving failed: no space left on /var/lib/redis
19:02:14 nginx[733]: started
19:02:15 clonebox: 3 of 3 shares up
19:02:15 clonebox: ready after 23.4 s""".splitlines()


def machine(number: int, name: str, state: State = State.RUNNING, **more: object) -> Machine:
    """A machine with a fixed UUID."""
    uuid = f"00000000-0000-4000-8000-{number:012d}"
    values: dict[str, object] = {
        "vcpus": 2,
        "memory_bytes": 2 * GIB,
        "agent": AgentState.CONNECTED if state is State.RUNNING else AgentState.DISCONNECTED,
        "managed": True,
        "started_at": NOW - 3 * 3600 if state is State.RUNNING else None,
    }
    return Machine(f"{URI}/{uuid}", name, state, URI, uuid, **{**values, **more})  # type: ignore[arg-type]


FLEET = (
    machine(1, "web-dev"),
    machine(2, "db", memory_bytes=4 * GIB, vcpus=4),
    machine(3, "build"),
    machine(4, "old-ci", State.PAUSED),
    machine(5, "scratch", State.OFF),
    machine(6, "legacy-router", State.RUNNING, managed=False, agent=AgentState.ABSENT),
    machine(7, "übergröße-测试", State.CRASHED),
    machine(8, "sleepy", State.OFF, saved=True),
)

HOST = machine(99, "host", vcpus=8, memory_bytes=24 * GIB)
"""Whose curves stand for the host's."""

SNAPSHOTS_OF_WEB = (
    Snapshot("base", NOW - 2 * 86400, size_bytes=int(1.1 * GIB)),
    Snapshot("before-upgrade", NOW - 10800, "base", "before apt upgrade", True, True, size_bytes=40 << 20),
    Snapshot("experiment", NOW - 3600, "before-upgrade", size_bytes=12 << 20),
    Snapshot("safety-1", NOW - 1800, "base", safety=True, size_bytes=3 << 20),
)  # fmt: skip


def reading(each: Machine, moment: float = 0.0) -> Reading:
    """What a machine does at a moment: smooth and different for each."""
    if each.state is not State.RUNNING:
        return Reading(each.id)
    number = int(each.uuid[-12:])
    wave = 0.5 + 0.5 * math.sin(moment / (7 + number) + number)
    cpu = 4 + 60 * wave * (1 if number % 2 else 0.3) + 20 * (0.5 + 0.5 * math.sin(moment / 2.3 + number))
    return Reading(
        each.id,
        cpu,
        int(each.memory_bytes * (0.3 + 0.3 * wave)),
        each.memory_bytes,
        2e6 * wave,
        9e5 * (1 - wave),
        3e5 * wave * wave,
        5e4,
    )


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
        return self.plans.get(tag(act)) or Plan(
            tag(act), f"{tag(act)} {known.name}", (step,), "f1", known.id, known.name
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


def clone_job(target: Machine) -> Job:
    """A clone under way."""
    steps = (
        JobStep("disk", "Create the disk", StepState.DONE),
        JobStep("boot", "Boot", StepState.DONE),
        JobStep("packages", "Install packages", StepState.RUNNING),
    )
    progress = Progress("installing packages", 31, 48, "packages", 2.0, 12.0)
    return Job(
        "job-clone",
        "machine.clone",
        "clone build",
        JobState.RUNNING,
        NOW - 40,
        target.id,
        target.name,
        NOW - 40,
        None,
        steps,
        progress,
    )
