"""What the words of a console or of QEMU's log mean: patterns of the Linux kernel, initramfs-tools, systemd,
cloud-init, SeaBIOS, GRUB and QEMU 7.2, as their sources print them.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from clonebox_tui.model.diagnosis import Cause, Evidence

_LONGEST = 300


class Sign(NamedTuple):
    """A line that means something. `{0}`, `{1}` in title and fix are the pattern's groups."""

    id: str
    certainty: int
    pattern: "re.Pattern[str]"
    title: str
    fix: str


def _sign(id: str, certainty: int, title: str, fix: str, *patterns: str) -> Sign:
    return Sign(id, certainty, re.compile("|".join(patterns)), title, fix)


SERIAL = (
    _sign(
        "no-root",
        97,
        "The kernel does not find its root file system.",
        (
            "See root= on the kernel's command line and the disk's label; restore a snapshot if the "
            "disk was changed."
        ),
        r"VFS: Unable to mount root fs",
        r"Gave up waiting for (?:the )?root",
        r"ALERT!  (?:.+) does not exist",
    ),
    _sign(
        "no-init",
        97,
        "The guest's first program is missing, or ended.",
        "See init= on the kernel's command line, and /sbin/init on the disk; restore a snapshot.",
        r"Attempted to kill init!",
        r"No working init found",
        r"Failed to execute (/\S*init\S*)",
        r"Requested init \S+ failed",
    ),
    _sign(
        "memory",
        98,
        "The guest has too little memory.",
        ("Give the machine more memory (vm.ram_mb in its project file), then clone or start it again."),
        r"System is deadlocked on memory",
        r"Out of memory: Killed process",
        r"Out of memory and no killable",
        r"Initramfs unpacking failed: write error",
        r"invoked oom-killer",
    ),
    _sign(
        "file-system",
        93,
        "A file system of the guest is damaged, or its disk cannot be read.",
        "Restore a snapshot from before; or start it from a rescue system and run fsck.",
        r"EXT4-fs error",
        r"EXT4-fs \(\w+\): .*(?:corrupt|bad|invalid|failed|[Cc]hecksum)",
        r"UNEXPECTED INCONSISTENCY",
        r"Remounting filesystem read-only",
        r"XFS .*[Cc]orruption",
        r"I/O error, dev (?:\w+)",
        r"can't find (?:ext4|valid) file ?system",
    ),
    _sign(
        "guest-disk-full",
        88,
        "A disk of the guest is full.",
        "Free room in the guest (apt clean, journalctl --vacuum-size=50M), or enlarge the disk.",
        r"No space left on device",
    ),
    _sign(
        "emergency",
        90,
        "The guest stopped in its emergency mode.",
        "Read the lines above it: mostly a line of /etc/fstab whose device is not there.",
        r"You are in (?:emergency|rescue) mode",
        r"Welcome to (?:emergency|rescue) mode",
        r"Cannot open access to console, the root account is locked",
        r"Give root password for maintenance",
        r"Reached target.*(?:Emergency Mode|emergency\.target|Rescue Mode)",
    ),
    _sign(
        "mount",
        87,
        "The guest could not mount {0}.",
        "Correct that line of /etc/fstab in the guest, or bring the share's folder back.",
        r"(?:Dependency failed for|Failed to mount) (\S.*?)(?:\.\.\.|\.|$)",
    ),
    _sign(
        "initramfs",
        85,
        "The guest stopped in its initramfs.",
        "Its root file system was not found: see root= on the kernel's command line.",
        r"\(initramfs\)",
    ),
    _sign(
        "boot-device",
        92,
        "There is nothing to boot on its disk.",
        "See whether the image holds a system; import or build another one.",
        r"No bootable device",
        r"Boot failed: not a bootable disk",
        r"could not read the boot disk",
    ),
    _sign(
        "boot-loader",
        92,
        "The boot loader does not find its files.",
        "Restore a snapshot, or repair GRUB from a rescue system.",
        r"grub rescue>",
        r"error: unknown filesystem",
    ),
    _sign(
        "panic",
        80,
        "The guest's kernel stopped: {0}.",
        "Read the console above it; restore a snapshot from before the last change.",
        r"Kernel panic - not syncing: (.+?)(?: \]|$)",
    ),
    _sign(
        "processor",
        95,
        "The kernel needs another processor: {0}.",
        "Use an image of this host's architecture.",
        r"This kernel requires an? (.+?) CPU",
    ),
    _sign(
        "overloaded",
        55,
        "The guest gets too little processor time.",
        "Stop other machines, or give this one fewer vCPUs.",
        r"soft lockup",
        r"rcu_\w+ (?:self-)?detected stalls",
    ),
    _sign(
        "cloud-init",
        84,
        "cloud-init failed at the first boot.",
        "Read /var/log/cloud-init-output.log in the guest; clone again once it is put right.",
        r"cloud-init\S*.*(?:ERROR|Traceback|Failed to run module)",
        r"Failed to start .*(?:cloud-init|Cloud-init)",
    ),
    _sign(
        "unit",
        60,
        "A service of the guest did not start: {0}.",
        "Look at it in the guest: `systemctl status` and its journal.",
        r"\[FAILED\] Failed to start (.+?)\.?$",
    ),
)

LASTING = frozenset({"memory", "file-system", "guest-disk-full"})
"""Signs that mean something in a guest that has come up, too."""

WAITING = _sign(
    "waiting",
    70,
    "The guest waits for {0}.",
    "Wait for its time limit, or see in the guest why it does not come.",
    r"A (?:start|stop) job is running for (.+?) \(",
)
"""Means something only as the very last thing said."""

QEMU = (
    _sign(
        "port-taken",
        96,
        "A forwarded port of this host is taken: {0}.",
        "End what listens there (`ss -ltnp`), or choose another port.",
        r"[Cc]ould not set up host forwarding rule '([^']+)'",
    ),
    _sign(
        "image-gone",
        96,
        "A disk file is gone: {0}.",
        "Bring that file back; nothing was changed.",
        r"[Cc]ould not open '([^']+)': No such file",
    ),
    _sign(
        "image-denied",
        95,
        "QEMU may not open {0}.",
        "See who owns it, and AppArmor's log; libvirt's own images folder is always allowed.",
        r"[Cc]ould not open '([^']+)': Permission denied",
    ),
    _sign(
        "image-locked",
        95,
        "Another program uses its disk.",
        "End it (another QEMU, qemu-nbd), then start the machine.",
        r"Failed to get .*lock",
        r"Is another process using the image",
    ),
    _sign(
        "image-broken",
        95,
        "Its disk image is broken.",
        "Restore it from a backup; `qemu-img check` says what is lost.",
        r"Image is not in \w+ format",
        r"Image is corrupt",
        r"qcow2: .*corrupt",
    ),
    _sign(
        "host-memory",
        95,
        "This host has too little memory for it.",
        "Stop another machine, or give this one less memory.",
        r"[Cc]annot (?:allocate memory|set up guest memory)",
    ),
    _sign(
        "kvm",
        95,
        "KVM cannot be used here.",
        "Set CLONEBOX_ACCEL=tcg, or join the group kvm.",
        r"Could not access KVM",
        r"failed to initialize (?:kvm|KVM)",
        r"failed to set MSR",
    ),
    _sign(
        "share",
        85,
        "A shared folder cannot be served.",
        "See that the folder is there and may be read.",
        r"virtio-9p.*",
        r"fsdev.*(?:No such file|cannot)",
        r"vhost-user.*(?:fail|disconnect)",
    ),
    _sign(
        "killed",
        75,
        "QEMU was ended from outside, or fell.",
        "See the host's log for the out-of-memory killer; start the machine again.",
        # libvirt's own daemons only do as they were told.
        r"terminating on signal \d+ from pid \d+ \((?!.*(?:libvirtd|virtqemud))",
        r"shutting down, reason=crashed",
    ),
    _sign(
        "start-failed",
        73,
        "Its last start failed, and it never ran.",
        "Start it by `clonebox-tui start M`, or `s`: what libvirt says of that stands here then.",
        r"shutting down, reason=failed",
    ),
)

LIBVIRT = (
    _sign(
        "network",
        93,
        "The network {0} that it is connected to is not there, or not started.",
        "Start it: `virsh net-start {0}`; `virsh net-list --all` names those that are there.",
        r"no network with matching name '([^']+)'",
        r"network '([^']+)' is not active",
    ),
    _sign(
        "bridge",
        93,
        "The bridge {0} that it is connected to is not there.",
        "Make it on this host, or connect the machine to another one (`virsh edit`).",
        r"Cannot get interface MTU on '([^']+)'",
    ),
    _sign(
        "huge-pages",
        93,
        "It wants huge pages, which this host does not have.",
        "Mount hugetlbfs and set vm.nr_hugepages, or take memoryBacking out (`virsh edit`).",
        r"hugetlbfs filesystem is not mounted",
    ),
)
"""libvirt's own words for a start that it refused, before QEMU was begun."""


def read(lines: Sequence[str], source: str, signs: Sequence[Sign]) -> list[Cause]:
    """One cause for each sign that is met, with the last line that shows it."""
    found = []
    for sign in signs:
        for line in reversed(lines):
            match = sign.pattern.search(line)
            if match:
                found.append(_cause(sign, match, source, line))
                break
    return found


def last_word(lines: Sequence[str]) -> list[Cause]:
    """What the guest waits for, when that is the last it said."""
    said = next((line for line in reversed(lines) if line.strip()), "")
    match = WAITING.pattern.search(said)
    return [_cause(WAITING, match, "serial", said)] if match else []


def _cause(sign: Sign, match: "re.Match[str]", source: str, line: str) -> Cause:
    groups = [group for group in match.groups() if group] or [""]
    evidence = (Evidence(source, line.strip()[:_LONGEST]),)
    return Cause(sign.id, sign.title.format(*groups), sign.fix.format(*groups), sign.certainty, evidence)
