"""Shared folders: which driver, which tag, and the fstab line that brings them back at every boot."""

import hashlib
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath

from clonebox_tui.model.environment import ShareWish
from clonebox_tui.model.machine import Share
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.protocol import Capability

VIRTIOFS = "virtiofs"
NINE_P = "9p"
_OPTIONS = {
    VIRTIOFS: "nofail,x-systemd.mount-timeout=60",
    # The largest message that QEMU's 9p server still handles well (Documentation/9psetup of QEMU).
    NINE_P: "trans=virtio,version=9p2000.L,msize=262144,nofail,x-systemd.mount-timeout=60",
}
_ESCAPES = str.maketrans({" ": r"\040", "\t": r"\011", "\n": r"\012", "\\": r"\134"})
"""How fstab(5) writes what would end a field."""


def driver_for(capabilities: Collection[str]) -> str:
    """virtiofs where the connection can (faster, ids as they are), else 9p; NOT_SUPPORTED."""
    for driver, capability in ((VIRTIOFS, Capability.VIRTIOFS), (NINE_P, Capability.NINE_P)):
        if capability.value in capabilities:
            return driver
    raise problem(
        Code.NOT_SUPPORTED,
        "Folders cannot be shared with machines on this connection.",
        why="It offers neither virtiofs nor 9p.",
        next="Leave the shares out.",
    )


def tag_for(guest: str) -> str:
    """A tag of 15 characters, the same for the same guest path; QEMU stops at one above 31 bytes."""
    return f"cb-{hashlib.sha256(guest.encode()).hexdigest()[:12]}"


def shares_of(wishes: Iterable[ShareWish], driver: str) -> tuple[Share, ...]:
    """The shares, parents before what is nested in them."""
    made = [Share(wish.host, wish.guest, tag_for(wish.guest), driver, wish.readonly) for wish in wishes]
    return tuple(sorted(made, key=lambda share: len(PurePosixPath(share.guest).parts)))


def fstab_line(share: Share) -> str:
    """The share's line in the guest's /etc/fstab, without a newline."""
    access = "ro" if share.readonly else "rw"
    target = share.guest.translate(_ESCAPES)
    return f"{share.tag} {target} {share.driver} {access},{_OPTIONS[share.driver]} 0 0"


def missing_parents(guest: str, home: str) -> tuple[str, ...]:
    """Folders above a mount point, outermost first, that belong to the user when they are made for it."""
    inside = [str(parent) for parent in PurePosixPath(guest).parents if PurePosixPath(home) in parent.parents]
    return tuple(reversed(inside))
