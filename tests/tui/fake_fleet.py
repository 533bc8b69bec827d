"""The small, fixed fleet of the fake wire: its machines, what they read, one job and one log."""

import math

from clonebox_tui.model.job import Job, JobState, JobStep, Progress, StepState
from clonebox_tui.model.machine import AgentState, Machine, State
from clonebox_tui.model.sample import Reading
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
