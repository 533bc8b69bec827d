"""What states and answers mean, beside the words of the logs."""

from collections.abc import Callable

from clonebox_tui.engine.why.seen import Seen
from clonebox_tui.engine.why.texts import EMERGENCY, WAITING
from clonebox_tui.model.diagnosis import Cause, Evidence
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.machine import State

QUIET_SECONDS = 60.0
"""A console silent for so long is not booting any more, under emulation too."""
SILENT_SECONDS = 40.0
"""By then even an emulated kernel has said its first word."""
_LITTLE_MEMORY, _LITTLE_DISK = GIBIBYTE // 4, GIBIBYTE // 2

Rule = Callable[[Seen], Cause | None]


def _state(seen: Seen) -> Cause | None:
    machine, reason = seen.details.machine, seen.details.state_reason
    evidence = (Evidence(seen.host, f"{machine.state.value}{reason and f' ({reason})'}"),)
    if machine.state is State.OFF:
        certainty = 50 if reason in ("crashed", "failed") else 70
        return Cause("off", "It is off.", "Start it.", certainty, evidence)
    if machine.state is State.SUSPENDED:
        return Cause("saved", "Its memory lies on disk.", "Start it: it goes on where it was.", 90, evidence)
    if machine.state is State.PAUSED and reason != "I/O error":
        return Cause("paused", "It is paused.", "Resume it.", 95, evidence)
    if machine.state is State.CRASHED:
        return Cause("crashed", "It has crashed.", "Read the log, then start it again.", 60, evidence)
    return None


def _io_error(seen: Seen) -> Cause | None:
    if seen.details.state_reason != "I/O error" and not seen.details.disk_errors:
        return None
    errors = seen.details.disk_errors or ("a disk gave an I/O error",)
    evidence = tuple(Evidence(seen.host, error) for error in errors)
    if any("no space" in error for error in errors):
        title = "QEMU stopped it: there is no room left for its disk."
        return Cause("disk-full", title, "Make room where the disk lies, then resume it.", 99, evidence)
    title = "QEMU stopped it: its disk cannot be read or written."
    return Cause("disk-error", title, "See the host's log for the disk, then resume it.", 98, evidence)


def _disks(seen: Seen) -> Cause | None:
    if seen.disks is None:
        return None
    evidence = (Evidence("disks", f"{seen.disks.what} {seen.disks.why}".strip()),)
    return Cause("image-gone", seen.disks.what, seen.disks.next, 97, evidence)


def _missing(seen: Seen) -> Cause | None:
    if not seen.missing or seen.disks is not None:
        return None  # a disk of it is told of by `_disks`
    evidence = tuple(Evidence("disks", f"{path}: No such file or directory") for path in seen.missing[:6])
    fix = "Bring it back, or take it out of the machine's definition (`virsh edit`)."
    return Cause("file-gone", f"A file that it needs is gone: {seen.missing[0]}.", fix, 96, evidence)


def _job(seen: Seen) -> Cause | None:
    job = seen.job
    if job is None or job.problem is None:
        return None
    trouble = job.problem
    said = (trouble.why, *trouble.details)
    evidence = tuple(Evidence("job", text) for text in (f"{job.title}: {job.state.value}", *said) if text)
    return Cause(trouble.code.value, trouble.what, trouble.next, 82, evidence[:6])


def _silent(seen: Seen) -> Cause | None:
    running = seen.details.machine.state is State.RUNNING
    up = seen.up_seconds
    if not running or seen.serial or seen.serial_quiet_seconds is None or seen.agent == "answers":
        return None
    if up is not None and up < SILENT_SECONDS:
        return Cause("starting", "It has just been started.", "Wait a moment.", 65, ())
    evidence = (Evidence("serial", "nothing was written there since it was started"),)
    if seen.details.accelerator == "kvm":
        return Cause(
            "kvm-hangs",
            "It says nothing at all: KVM may not really work on this host.",
            "Try it without: CLONEBOX_ACCEL=tcg, then clone it again.",
            78,
            evidence,
        )
    return Cause(
        "silent",
        "It says nothing at all: there is nothing to boot, or its console is not the serial port.",
        "See that its disk holds a system, and that the kernel's line has console=ttyS0.",
        76,
        evidence,
    )


def _agent(seen: Seen) -> Cause | None:
    if seen.details.machine.state is not State.RUNNING:
        return None
    if seen.agent == "absent":
        return Cause(
            "no-channel",
            "It has no guest agent channel.",
            "Add a channel org.qemu.guest_agent.0 to it, and qemu-guest-agent in the guest.",
            72,
            (Evidence(seen.host, "no channel org.qemu.guest_agent.0 in its definition"),),
        )
    if seen.agent == "hangs":
        return Cause(
            "agent-hangs",
            "Its guest agent is connected and does not answer: the agent or the whole guest hangs.",
            "Look at the console; restart qemu-guest-agent in the guest, or reboot the machine.",
            86,
            (Evidence("agent", "no answer to guest-ping"),),
        )
    quiet = seen.serial_quiet_seconds
    if seen.agent != "disconnected" or not seen.serial:
        return None
    if quiet is None or (quiet < QUIET_SECONDS and not _has_login(seen)):
        last = next((line for line in reversed(seen.serial) if line.strip()), "")
        return Cause(
            "booting",
            "It is still booting.",
            "Wait; look at the console.",
            50,
            (Evidence("serial", last[:200]),),
        )
    return Cause(
        "no-agent",
        "It has booted, and its guest agent does not run.",
        "Log in (`ssh M` or the console) and start it: systemctl enable --now qemu-guest-agent.",
        74,
        (Evidence("agent", "nobody opened the channel"), Evidence("serial", f"quiet for {quiet:.0f} s")),
    )  # fmt: skip


def _has_login(seen: Seen) -> bool:
    return any("login:" in line for line in seen.serial[-3:])


def _cloud_init(seen: Seen) -> Cause | None:
    guest = seen.guest
    if guest.cloud_init == "running":
        return Cause("first-boot", "Its first boot is not over yet.", "Wait for cloud-init.", 66,
                     (Evidence("cloud-init", "running"),))  # fmt: skip
    if guest.cloud_init != "error" and not guest.cloud_init_errors:
        return None
    evidence = tuple(Evidence("cloud-init", text) for text in guest.cloud_init_errors[:4])
    return Cause(
        "cloud-init",
        "cloud-init ended with errors.",
        "Read /var/log/cloud-init-output.log in the guest; clone again once it is put right.",
        91,
        evidence or (Evidence("cloud-init", "status: error"),),
    )


def _boot(seen: Seen) -> Cause | None:
    guest = seen.guest
    evidence = (Evidence("agent", f"systemctl is-system-running: {guest.system}"),)
    if guest.system == "maintenance":
        return Cause(EMERGENCY.id, EMERGENCY.title, EMERGENCY.fix, 92, evidence)
    if (
        guest.system not in ("initializing", "starting")
        or not guest.waits_for
        or guest.cloud_init == "running"
    ):
        return None
    units = sorted(guest.waits_for, key=lambda unit: not unit.endswith(".device"))  # what may never come
    title = WAITING.title.format(units[0])
    waits = tuple(Evidence("agent", f"{unit} is being started") for unit in units[:6])
    return Cause(WAITING.id, title, WAITING.fix, 84, (*evidence, *waits))


def _guest_full(seen: Seen) -> Cause | None:
    if not seen.guest.full:
        return None
    evidence = tuple(Evidence("agent", f"{point} is full") for point in seen.guest.full)
    fix = "Free room in the guest (apt clean, journalctl --vacuum-size=50M), or enlarge the disk."
    return Cause("guest-disk-full", "A disk of the guest is full.", fix, 89, evidence)


def _units(seen: Seen) -> Cause | None:
    if not seen.guest.failed_units:
        return None
    evidence = tuple(Evidence("agent", f"{unit} has failed") for unit in seen.guest.failed_units[:6])
    fix = "Look at it in the guest: `systemctl status` and its journal."
    return Cause("unit", f"A service of the guest failed: {seen.guest.failed_units[0]}.", fix, 81, evidence)


def _shares(seen: Seen) -> Cause | None:
    missing = [
        share
        for share in seen.details.shares
        if seen.guest.mounted and not {share.tag, share.guest} & seen.guest.mounted
    ]
    if not missing:
        return None
    evidence = tuple(Evidence("agent", f"{each.guest or each.tag} is not mounted") for each in missing[:6])
    fix = "See that the folder is there on this host, then `mount -a` in the guest."
    return Cause("share", "A shared folder is not mounted in the guest.", fix, 83, evidence)


def _no_address(seen: Seen) -> Cause | None:
    if not seen.guest.knows_addresses or seen.guest.addresses or not seen.details.networks:
        return None
    fix = "See `ip address` in the guest, and that the host's network is up (`virsh net-list`)."
    evidence = (Evidence("agent", "no interface has an address but loopback"),)
    return Cause("no-address", "The guest has no network address.", fix, 80, evidence)


def _host(seen: Seen) -> Cause | None:
    short = []
    if seen.memory_free_bytes < _LITTLE_MEMORY:
        short.append(f"{seen.memory_free_bytes / GIBIBYTE:.2f} GiB of memory are free")
    if seen.disk_free_bytes < _LITTLE_DISK:
        short.append(f"{seen.disk_free_bytes / GIBIBYTE:.2f} GiB of disk are free")
    if not short:
        return None
    fix = "Stop another machine, or remove what is not needed any more."
    return Cause(
        "host-short",
        "This host has little left to give.",
        fix,
        58,
        tuple(Evidence("host", text) for text in short),
    )


RULES: tuple[Rule, ...] = (
    _state, _io_error, _disks, _missing, _job, _silent, _agent, _cloud_init, _boot, _guest_full, _units,
    _shares, _no_address, _host,
)  # fmt: skip
