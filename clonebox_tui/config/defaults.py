"""What a machine gets when nobody said otherwise: name, size and the guest's user."""

import os
import pwd
import re
from pathlib import Path

from clonebox_tui.model.environment import GIBIBYTE, MEBIBYTE, GuestUser, HostLimits

DEFAULT_MEMORY_BYTES = 2 * GIBIBYTE
LEAST_MEMORY_BYTES = 512 * MEBIBYTE
DEFAULT_DISK_BYTES = 20 * GIBIBYTE
ROOT_GUEST = GuestUser("dev", 1000)

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


def default_name(folder: Path) -> str:
    """`clone-<folder name>`, with everything a host name cannot hold turned into `-`; ≤ 64 characters."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip("-._")
    return f"clone-{safe or 'folder'}"[:64].rstrip("-._")


def guest_user(name: str | None = None, uid: int | None = None) -> GuestUser:
    """The account for the guest: this process's user (or the given one), `dev` 1000 for root."""
    uid = os.getuid() if uid is None else uid
    if name is None:
        try:
            name = pwd.getpwuid(uid).pw_name
        except KeyError:
            name = ROOT_GUEST.name
    if uid == 0 or name == "root":
        return ROOT_GUEST
    return GuestUser(name if _USER.fullmatch(name) else ROOT_GUEST.name, uid)


def default_vcpus(limits: HostLimits | None) -> int:
    """Half of the host's CPUs, at least one and at most two."""
    return max(1, min(2, limits.cpus // 2)) if limits else 1


def default_memory_bytes(limits: HostLimits | None) -> int:
    """2 GiB, or half of what is free when that is less (whole MiB, never under 512 MiB)."""
    if limits is None:
        return DEFAULT_MEMORY_BYTES
    half = limits.memory_available_bytes // 2 // MEBIBYTE * MEBIBYTE
    return max(LEAST_MEMORY_BYTES, min(DEFAULT_MEMORY_BYTES, half))


def default_disk_bytes(_limits: HostLimits | None = None) -> int:
    """20 GiB; the disk grows as it is filled, so the host need not have them free."""
    return DEFAULT_DISK_BYTES
