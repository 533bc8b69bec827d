"""Every act that changes something, as data: what keys, the palette and the command line all send.

An act is a tagged struct; its tag is the stable name in jobs, journal and logs. Adding a capability
is adding a struct here and a handler in the engine.
"""

import msgspec

from clonebox_tui.model.environment import MachineWish
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.snapshot_policy import SnapshotPolicy


class _OnMachine(msgspec.Struct, frozen=True):
    machine: str


class StartMachine(_OnMachine, frozen=True, tag="machine.start"):
    """Boot, or resume from managed save."""


class StopMachine(_OnMachine, frozen=True, tag="machine.stop"):
    """Ask by agent, then ACPI, wait `timeout_seconds`; never kills."""

    timeout_seconds: float = 120.0


class KillMachine(_OnMachine, frozen=True, tag="machine.kill"):
    """Pull the plug."""


class PauseMachine(_OnMachine, frozen=True, tag="machine.pause"):
    """Freeze the vCPUs."""


class ResumeMachine(_OnMachine, frozen=True, tag="machine.resume"):
    """Thaw the vCPUs."""


class RebootMachine(_OnMachine, frozen=True, tag="machine.reboot"):
    """Ask the guest to reboot."""


class TrashMachine(_OnMachine, frozen=True, tag="machine.trash"):
    """Delete a machine so that it can be brought back for some days."""


class UntrashMachine(_OnMachine, frozen=True, tag="trash.restore"):
    """Bring a machine back from the trash, under `name` if that is given; off, unless `start`."""

    name: str = ""
    start: bool = False


class PurgeMachine(_OnMachine, frozen=True, tag="trash.purge"):
    """Remove a machine in the trash for good."""


class DeleteMachine(_OnMachine, frozen=True, tag="machine.delete"):
    """Remove a machine for good; `disks` also removes the disks of a machine not made here."""

    disks: bool = False


class LabelMachine(_OnMachine, frozen=True, tag="machine.label"):
    """Write `labels` on a machine instead of `before`; refused when something else stands there by then.

    Both values are here, so that the way back is the same act with the two exchanged (`relabelled_back`).
    """

    labels: Labels
    before: Labels


def relabelled_back(act: LabelMachine) -> LabelMachine:
    """The act that takes `act` back."""
    return LabelMachine(act.machine, act.before, act.labels)


class CreateSnapshot(_OnMachine, frozen=True, tag="snapshot.create"):
    """Keep this moment. `memory` only says something for a running machine, and so does `settle`: its
    guest first writes out what it holds for its disk, so that forks and comparisons find it there."""

    name: str
    description: str = ""
    memory: bool = True
    settle: bool = False


class RestoreSnapshot(_OnMachine, frozen=True, tag="snapshot.restore"):
    """Go back to a snapshot; a safety snapshot is taken first."""

    name: str


class TrashSnapshot(_OnMachine, frozen=True, tag="snapshot.trash"):
    """Delete a snapshot so that it can be brought back for some days; its children too with `children`."""

    name: str
    children: bool = False


class UntrashSnapshots(_OnMachine, frozen=True, tag="trash.restore-snapshot"):
    """Bring deleted snapshots back."""

    names: tuple[str, ...]


class DeleteSnapshot(_OnMachine, frozen=True, tag="snapshot.delete"):
    """Remove one snapshot for good, also one in the trash; its children are kept unless `children`."""

    name: str
    children: bool = False


class ForkMachine(_OnMachine, frozen=True, tag="machine.fork"):
    """Make machines from a snapshot, or from the present without one; each gets an identity of its own.

    Their disks hold what the machine's disk held then; memory is not taken along. They are off in the
    end unless `start`.
    """

    names: tuple[str, ...]
    snapshot: str = ""
    start: bool = False


class CopyFromGuest(_OnMachine, frozen=True, tag="files.fetch"):
    """Copy a guest's file or folder to this host. `target` is absolute; a folder that is there already
    takes the copy in under its own name."""

    source: str
    target: str


class CopyToGuest(_OnMachine, frozen=True, tag="files.bring"):
    """Copy a file or folder of this host into the guest; otherwise as above."""

    source: str
    target: str


class SetSnapshotPolicy(_OnMachine, frozen=True, tag="snapshot.policy"):
    """Say how often a machine takes snapshots by itself, and which are kept; refused when something other
    than `before` stands there by then, where that is given."""

    policy: SnapshotPolicy
    before: SnapshotPolicy | None = None


class BisectMachine(_OnMachine, frozen=True, tag="snapshot.bisect"):
    """Find the first snapshot, of those between `good` and `bad` (the present, when empty), in which the
    command `check` fails. It runs as root in forks that are gone afterwards; 0 is good, 125 cannot be
    told, all else is bad."""

    good: str
    check: tuple[str, ...]
    bad: str = ""
    timeout_seconds: float = 600.0


class RestorePath(_OnMachine, frozen=True, tag="snapshot.get"):
    """Bring a file or folder back as it is in `snapshot` (the present, without one), to the very path
    `target`: in the running guest `into` (a machine's id), or on this host without one."""

    snapshot: str
    path: str
    target: str
    into: str = ""


class CloneMachine(msgspec.Struct, frozen=True, tag="machine.clone"):
    """Build a machine from a wish. `config_text`, when set, is first written to
    `directory/.clonebox.yaml` (refused if that file appeared meanwhile)."""

    connection: str
    wish: MachineWish
    directory: str = ""
    config_text: str = ""


class BuildImage(msgspec.Struct, frozen=True, tag="image.build"):
    """Make a Debian base image; empty fields mean the host's own suite and the default."""

    connection: str = ""
    suite: str = ""
    packages: tuple[str, ...] = ()


class ImportImage(msgspec.Struct, frozen=True, tag="image.import"):
    """Bring in a disk image from a file or URL, verified by its SHA-512 (hex) where given."""

    source: str
    connection: str = ""
    name: str = ""
    sha512: str = ""


class RemoveImage(msgspec.Struct, frozen=True, tag="image.remove"):
    """Delete an image that no machine uses."""

    image: str
    connection: str = ""


MachineAct = (
    StartMachine
    | StopMachine
    | KillMachine
    | PauseMachine
    | ResumeMachine
    | RebootMachine
    | DeleteMachine
    | TrashMachine
    | UntrashMachine
    | PurgeMachine
    | LabelMachine
    | CreateSnapshot
    | RestoreSnapshot
    | DeleteSnapshot
    | TrashSnapshot
    | UntrashSnapshots
    | ForkMachine
    | RestorePath
    | BisectMachine
    | SetSnapshotPolicy
    | CopyFromGuest
    | CopyToGuest
)
Act = MachineAct | CloneMachine | BuildImage | ImportImage | RemoveImage


def tag(act: Act) -> str:
    """The stable name of an act's kind, e.g. `machine.start`."""
    return str(act.__struct_config__.tag)
