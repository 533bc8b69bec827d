"""What happens in stories: plans and problems, the wires that answer with them, and what is told last."""

import msgspec

from clonebox_tui.client import LinkLost
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.job import Job, JobState, JobStep, StepState
from clonebox_tui.model.machine import State
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.model.rpc import FleetChanged, JobsChanged
from snapshots_tests.stories import busy_wire
from tests.tui.fake_fleet import FLEET, NOW, URI, clone_job, machine
from tests.tui.fake_wire import FakeWire

PROBLEM = Problem(
    Code.CONNECTION_FAILED, "libvirtd does not answer.", "no such socket: /run/libvirt/libvirt-sock",
    "Start it: systemctl start libvirtd",
)  # fmt: skip
LOST = Connection(URI, Link.DOWN, NOW - 12, "simulated", problem=PROBLEM, retry_at=NOW + 4)

RESTORE = Plan(
    "snapshot.restore",
    "Restore web-dev to before-upgrade",
    (
        PlanStep(
            "safety", "Keep the present state",
            "virDomain.snapshotCreateXML(web-dev, safety-20260921-163320)",
            "virsh snapshot-create-as web-dev safety-20260921-163320",
        ),
        PlanStep(
            "revert", "Go back", "virDomain.revertToSnapshot(before-upgrade)",
            "virsh snapshot-revert web-dev before-upgrade",
        ),
        PlanStep("clock", "Set the guest's clock", "guest-set-time()"),
    ),
    "f",
    bytes_needed=300 << 20,
    downtime_seconds=4,
    destructive=True,
    undo="Restore the safety snapshot that is taken first.",
    warnings=("Files in live shares are not rolled back: /home/dev/web",),
)  # fmt: skip

DELETE = Plan(
    "machine.delete",
    "Delete web-dev",
    (
        PlanStep(
            "undefine", "Forget the machine", "virDomain.undefineFlags(SNAPSHOTS_METADATA|MANAGED_SAVE)",
            "virsh undefine web-dev --snapshots-metadata --managed-save",
        ),
        PlanStep("files", "Remove /home/dev/machines/web-dev", "unlink(disk.qcow2, seed.iso, key)"),
    ),
    "f",
    destructive=True,
    reversible=False,
    undo="It cannot be undone: the machine, its snapshots and the files named here are gone.",
    confirm="web-dev",
)  # fmt: skip

REBOOT = Plan("machine.reboot", "Reboot web-dev", (PlanStep("reboot", "Ask the guest", "reboot()"),), "f")

FAILURE = Problem(
    Code.DISK_FULL,
    "The disk of the machine cannot be made.",
    "qemu-img: 20 GiB are wanted, 3.1 GiB are free in /home/mia/.local/share/clonebox",
    "Free some space, or choose a smaller disk.",
    details=("at step: Create the disk", "nothing is left of it"),
)


def _past_jobs() -> list[Job]:
    """What a day leaves: done, failed, cancelled, and one under way."""
    step, web = JobStep("do", "Do it", StepState.DONE), FLEET[0]
    rows = (
        ("machine.start", "Start web-dev", JobState.SUCCEEDED, 300, 2, None),
        ("snapshot.create", "Take snapshot before-upgrade of web-dev", JobState.SUCCEEDED, 10_800, 31, None),
        ("machine.clone", "Clone /home/mia/shop into shop", JobState.ROLLED_BACK, 12_000, 95, FAILURE),
        ("image.build", "Build the base image debian-12", JobState.SUCCEEDED, 86_000, 410, None),
        ("machine.stop", "Stop old-ci", JobState.CANCELLED, 90_000, 12, None),
    )
    ended = [
        Job(f"job-{number}", act, title, state, NOW - ago, web.id, web.name, NOW - ago, NOW - ago + took,
            (step,), None, problem)
        for number, (act, title, state, ago, took, problem) in enumerate(rows)
    ]  # fmt: skip
    return [clone_job(FLEET[2]), *ended]


def planned() -> FakeWire:
    wire = busy_wire()
    wire.plans.update({"snapshot.restore": RESTORE, "machine.delete": DELETE, "machine.reboot": REBOOT})
    return wire


def with_jobs() -> FakeWire:
    wire = planned()
    wire.jobs = _past_jobs()
    return wire


def lost_at_start() -> FakeWire:
    wire = FakeWire(machines=())
    wire.connections = (LOST,)
    return wire


def long_names() -> FakeWire:
    long = "a-machine-whose-name-is-much-longer-than-any-list-is-wide-and-goes-on"
    names = (long, f"{long}-2", "web-dev", "数据库-测试-机器-很长的名字-很长的名字-很长的名字", "x")
    return FakeWire(tuple(machine(number, name) for number, name in enumerate(names, 1)))


def nobody() -> FakeWire:
    return FakeWire(machines=())


def connection_down(wire: FakeWire) -> None:
    wire.tell(FleetChanged(2, connections=(LOST,)))


def worker_gone(wire: FakeWire) -> None:
    wire.tell(LinkLost(Problem(Code.WORKER_UNAVAILABLE, "The worker went away.", why="it was killed")))


def job_ends(wire: FakeWire) -> None:
    done = msgspec.structs.replace(clone_job(FLEET[2]), state=JobState.SUCCEEDED, ended_at=NOW, progress=None)
    wire.tell(JobsChanged(2, (done,)))


def own_job_fails(wire: FakeWire) -> None:
    failed = msgspec.structs.replace(
        wire.jobs[0], state=JobState.FAILED, ended_at=NOW, problem=FAILURE, title="Clone shop"
    )
    wire.tell(JobsChanged(2, (failed,)))


def crash(wire: FakeWire) -> None:
    wire.tell(FleetChanged(2, (msgspec.structs.replace(FLEET[0], state=State.CRASHED),)))


def one_of_them_fails(wire: FakeWire) -> None:
    """Of the jobs that were begun together, the first one fails."""
    begun = [job for job in wire.jobs if job.act == "machine.reboot"]
    failed, *done = [msgspec.structs.replace(job, state=JobState.SUCCEEDED, ended_at=NOW) for job in begun]
    silent = Problem(
        Code.TIMED_OUT, f"{failed.name} did not come back within 120 s.", "its guest agent is silent",
        f"Look at its console: `clonebox-tui console {failed.name}`",
    )  # fmt: skip
    failed = msgspec.structs.replace(failed, state=JobState.FAILED, problem=silent)
    wire.tell(JobsChanged(2, (failed, *done)))


def snapshot_begins(wire: FakeWire) -> None:
    """The first one of a machine that has none."""
    db = FLEET[1]
    step = JobStep("take", "Take the snapshot", StepState.RUNNING)
    title, begun = "take snapshot first of db", JobState.RUNNING
    job = Job("job-take", "snapshot.create", title, begun, NOW, db.id, db.name, NOW, None, (step,))
    wire.tell(JobsChanged(2, (job,)))
