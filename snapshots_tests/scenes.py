"""Every screen as a scene: which fleet, which keys. How scenes are drawn is in `test_screens`."""

from collections.abc import Callable

import msgspec

from clonebox_tui.client import LinkLost
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.job import Job, JobState, JobStep, StepState
from clonebox_tui.model.machine import State
from clonebox_tui.model.plan import Plan, PlanStep
from clonebox_tui.model.problem import Code, Problem
from clonebox_tui.model.rpc import Chunk, FleetChanged, JobsChanged
from snapshots_tests.project import FOLDER, ProjectWire
from snapshots_tests.stories import busy_wire
from tests.tui.fake_fleet import FLEET, NOW, URI, clone_job, machine
from tests.tui.fake_wire import FakeWire

Keys = tuple[str, ...]


class Scene(msgspec.Struct, frozen=True):
    """`keys` are pressed on the fleet of `wire` (`.` waits for stillness), `then` is what happens last."""

    wire: Callable[[], FakeWire]
    keys: Keys = ()
    then: Callable[[FakeWire], None] | None = None
    readonly: bool = False
    messages: bool = False
    """With toasts."""


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


def _planned() -> FakeWire:
    wire = busy_wire()
    wire.plans.update({"snapshot.restore": RESTORE, "machine.delete": DELETE, "machine.reboot": REBOOT})
    return wire


def _with_jobs() -> FakeWire:
    wire = _planned()
    wire.jobs = _past_jobs()
    return wire


def _running() -> FakeWire:
    wire = busy_wire()
    wire.replies["exec.start"] = (
        Chunk(2, 1, stdout=b"PID USER  COMMAND\n  1 root  /sbin/init\n733 www   nginx: master process\n"),
        Chunk(2, 2, stderr=b"ps: warning: 2 threads vanished\n"),
        Chunk(2, 3, exit_code=0, end=True),
    )
    return wire


def _lost_at_start() -> FakeWire:
    wire = FakeWire(machines=())
    wire.connections = (LOST,)
    return wire


def _long_names() -> FakeWire:
    long = "a-machine-whose-name-is-much-longer-than-any-list-is-wide-and-goes-on"
    names = (long, f"{long}-2", "web-dev", "数据库-测试-机器-很长的名字-很长的名字-很长的名字", "x")
    return FakeWire(tuple(machine(number, name) for number, name in enumerate(names, 1)))


def _nobody() -> FakeWire:
    return FakeWire(machines=())


def _connection_down(wire: FakeWire) -> None:
    wire.tell(FleetChanged(2, connections=(LOST,)))


def _worker_gone(wire: FakeWire) -> None:
    wire.tell(LinkLost(Problem(Code.WORKER_UNAVAILABLE, "The worker went away.", why="it was killed")))


def _job_ends(wire: FakeWire) -> None:
    done = msgspec.structs.replace(clone_job(FLEET[2]), state=JobState.SUCCEEDED, ended_at=NOW, progress=None)
    wire.tell(JobsChanged(2, (done,)))


def _own_job_fails(wire: FakeWire) -> None:
    failed = msgspec.structs.replace(
        wire.jobs[0], state=JobState.FAILED, ended_at=NOW, problem=FAILURE, title="Clone shop"
    )
    wire.tell(JobsChanged(2, (failed,)))


def _crash(wire: FakeWire) -> None:
    wire.tell(FleetChanged(2, (msgspec.structs.replace(FLEET[0], state=State.CRASHED),)))


COCKPIT = {
    "cockpit": Scene(busy_wire),
    "graphs-pane": Scene(busy_wire, ("2", "plus")),
    "snapshots": Scene(busy_wire, ("p",)),
    "log": Scene(busy_wire, ("l",)),
    "filter": Scene(busy_wire, ("slash", ".", "e")),
    "log-search": Scene(busy_wire, ("l", "slash", ".", *"nginx", "enter")),
    "command-line": Scene(busy_wire, ("colon", ".", *"sta")),
    "marks": Scene(busy_wire, ("G", "k", "space", "space", "k")),
    "off": Scene(busy_wire, ("k", "k", ".")),
    "crash": Scene(busy_wire, (), _crash),
    "job-ends": Scene(busy_wire, (), _job_ends, messages=True),
    "read-only": Scene(busy_wire, readonly=True),
    "long-names": Scene(_long_names, ("k", "k", ".")),
    "connection-lost": Scene(busy_wire, (), _connection_down),
    "worker-lost": Scene(busy_wire, (), _worker_gone),
    "no-connection": Scene(_lost_at_start),
    "empty": Scene(_nobody, readonly=True),
}

DIALOGS = {
    "plan-restore": Scene(_planned, ("p", ".", "R")),
    "plan-delete": Scene(_planned, ("colon", ".", *"purge", "enter", ".")),
    "problem": Scene(_planned, ("k", "k", ".", "s", "."), _own_job_fails),
    "bulk": Scene(_planned, ("space", "k", "k", "space", "r")),
    "take-snapshot": Scene(_planned, ("p", ".", "t")),
    "snapshot-facts": Scene(_planned, ("p", ".", "enter")),
    "help": Scene(_planned, ("question_mark",)),
    "palette": Scene(_planned, ("ctrl+p", ".", *"snap", ".", ".")),
}

SCREENS = {
    "graphs": Scene(busy_wire, ("2", "enter", ".")),
    "graphs-moment": Scene(busy_wire, ("2", "enter", ".", "right_square_bracket", ".", "H", "H", "h")),
    "host-graphs": Scene(busy_wire, ("H", ".", "right_square_bracket", ".")),
    "jobs": Scene(_with_jobs, ("J",)),
    "jobs-failed": Scene(_with_jobs, ("J", "j", "j", "j")),
    "jobs-empty": Scene(FakeWire, ("J",)),
    "performed": Scene(_with_jobs, ("at",)),
    "exec": Scene(_running, ("x", ".", *"ps", "enter", ".")),
}

_ON = ("enter", ".")
_STEPS: dict[str, Keys] = {
    "where": (),
    "what": _ON,
    "evidence": (*_ON, *"jjj"),
    "how": _ON * 2,
    "fault": (*_ON * 2, "ctrl+u", *"web-dev", "."),
    "plan": _ON * 3,
    "build": _ON * 4,
}
WIZARD = {
    f"wizard-{step}": Scene(ProjectWire, ("n", ".", "ctrl+u", *FOLDER, *keys))
    for step, keys in _STEPS.items()
}

SCENES: dict[str, Scene] = {**COCKPIT, **DIALOGS, **SCREENS, **WIZARD}
