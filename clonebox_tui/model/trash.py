"""What lies in the trash: machines and snapshots that were deleted, and when they are gone for good."""

import msgspec

DAYS_KEPT = 7.0
"""How long, unless the setting `trash_days` says otherwise."""

IN_TRASH = "(in the trash)"
"""Ends the name of a machine in the trash where it is told who needs a file."""


class Definition(msgspec.Struct, frozen=True):
    """All that a provider needs to bring a machine back as it was, in the provider's own language."""

    machine: str
    snapshots: tuple[str, ...] = ()
    """Parents before their children."""
    current: str = ""
    """Name of the snapshot that the present descends from."""
    autostart: bool = False
    nvram: str = ""
    """A file of the host's, outside the machine's folder, that is of no use without the machine."""


class TrashedMachine(msgspec.Struct, frozen=True):
    """A deleted machine. `machine` is the id it had and will have again."""

    machine: str
    name: str
    deleted_at: float
    until_at: float
    """UNIX seconds; it is purged then."""
    connection: str = ""
    folder: str = ""
    """Where its own folder was; empty for a machine that has none."""
    moved: bool = False
    """The folder lies in the trash. Otherwise it stays in its place, since it cannot be moved."""
    disks: tuple[str, ...] = ()
    """Files that are kept for it where they are."""
    snapshots: int = 0
    size_bytes: int = 0
    needs: tuple[str, ...] = ()
    """Files that are not its own, and that it has to find when it comes back: kernel, initrd."""


class TrashedSnapshot(msgspec.Struct, frozen=True):
    """A deleted snapshot: hidden, and still in its machine's disk."""

    machine: str
    name: str
    deleted_at: float
    until_at: float


class Trash(msgspec.Struct, frozen=True):
    """Everything in it, newest first."""

    machines: tuple[TrashedMachine, ...] = ()
    snapshots: tuple[TrashedSnapshot, ...] = ()
