"""What the words of a console mean: patterns of the Linux kernel, initramfs-tools, systemd, cloud-init,
SeaBIOS and GRUB, as their sources print them.
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


def sign(id: str, certainty: int, title: str, fix: str, *patterns: str) -> Sign:
    """It is met where any of the patterns is found in a line."""
    return Sign(id, certainty, re.compile("|".join(patterns)), title, fix)


EMERGENCY = sign(
    "emergency",
    90,
    "The guest stopped in its emergency mode.",
    "Read the console before that: mostly a line of /etc/fstab whose device is not there.",
    r"You are in (?:emergency|rescue) mode",
    r"Welcome to (?:emergency|rescue) mode",
    r"Cannot open access to console, the root account is locked",
    r"Give root password for maintenance",
    r"Reached target.*(?:Emergency Mode|emergency\.target|Rescue Mode)",
)

SERIAL = (
    sign(
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
    sign(
        "no-init",
        97,
        "The guest's first program is missing, or ended.",
        "See init= on the kernel's command line, and /sbin/init on the disk; restore a snapshot.",
        r"Attempted to kill init!",
        r"No working init found",
        r"Failed to execute (/\S*init\S*)",
        r"Requested init \S+ failed",
    ),
    sign(
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
    sign(
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
    sign(
        "guest-disk-full",
        88,
        "A disk of the guest is full.",
        "Free room in the guest (apt clean, journalctl --vacuum-size=50M), or enlarge the disk.",
        r"No space left on device",
    ),
    EMERGENCY,
    sign(
        "mount",
        87,
        "The guest could not mount {0}.",
        "Correct that line of /etc/fstab in the guest, or bring the share's folder back.",
        r"(?:Dependency failed for|Failed to mount) (\S.*?)(?:\.\.\.|\.|$)",
        r"Timed out waiting for device (?:\S+ - )?(\S+?)\.?$",
    ),
    sign(
        "initramfs",
        85,
        "The guest stopped in its initramfs.",
        "Its root file system was not found: see root= on the kernel's command line.",
        r"\(initramfs\)",
    ),
    sign(
        "boot-device",
        92,
        "There is nothing to boot on its disk.",
        "See whether the image holds a system; import or build another one.",
        r"No bootable device",
        r"Boot failed: not a bootable disk",
        r"could not read the boot disk",
    ),
    sign(
        "boot-loader",
        92,
        "The boot loader does not find its files.",
        "Restore a snapshot, or repair GRUB from a rescue system.",
        r"grub rescue>",
        r"error: unknown filesystem",
    ),
    sign(
        "panic",
        80,
        "The guest's kernel stopped: {0}.",
        "Read the console above it; restore a snapshot from before the last change.",
        r"Kernel panic - not syncing: (.+?)(?: \]|$)",
    ),
    sign(
        "processor",
        95,
        "The kernel needs another processor: {0}.",
        "Use an image of this host's architecture.",
        r"This kernel requires an? (.+?) CPU",
    ),
    sign(
        "overloaded",
        55,
        "The guest gets too little processor time.",
        "Stop other machines, or give this one fewer vCPUs.",
        r"soft lockup",
        r"rcu_\w+ (?:self-)?detected stalls",
    ),
    sign(
        "cloud-init",
        84,
        "cloud-init failed at the first boot.",
        "Read /var/log/cloud-init-output.log in the guest; clone again once it is put right.",
        r"cloud-init\S*.*(?:ERROR|Traceback|Failed to run module)",
        r"Failed to start .*(?:cloud-init|Cloud-init)",
    ),
    sign(
        "unit",
        60,
        "A service of the guest did not start: {0}.",
        "Look at it in the guest: `systemctl status` and its journal.",
        r"\[FAILED\] Failed to start (.+?)\.?$",
    ),
)

LASTING = frozenset({"memory", "file-system", "guest-disk-full"})
"""Signs that mean something in a guest that has come up, too."""

WAITING = sign(
    "waiting",
    70,
    "The guest waits for {0}.",
    "Wait for its time limit, or see in the guest why it does not come.",
    r"A (?:start|stop) job is running for (.+?) \(",
)
"""Means something only as the very last thing said."""


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
