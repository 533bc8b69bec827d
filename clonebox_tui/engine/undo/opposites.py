"""The act that takes another one back, once that one is done; for those without one, why there is none."""

from collections.abc import Mapping

import msgspec

from clonebox_tui.model.acts import (
    Act,
    CloneMachine,
    CopyToGuest,
    CreateSnapshot,
    ForkMachine,
    LabelMachine,
    PauseMachine,
    RebootMachine,
    RestorePath,
    RestoreSnapshot,
    ResumeMachine,
    SetSnapshotPolicy,
    StartMachine,
    StopMachine,
    TrashMachine,
    TrashSnapshot,
    UntrashMachine,
    UntrashSnapshots,
    relabelled_back,
)
from clonebox_tui.model.snapshot_policy import AUTOMATIC_PREFIX, SnapshotPolicy

_NEVER: Mapping[str, str] = {
    "machine.kill": "What the guest had not written to its disk is lost; it can only be started anew.",
    "machine.reboot": "The programs that ran in the guest were ended by it.",
    "machine.delete": "It was deleted for good.",
    "trash.purge": "It was deleted for good.",
    "snapshot.delete": "It was deleted for good.",
    "snapshot.bisect": "It changed nothing: its forks are gone.",
    "snapshot.get": "The file it wrote may have been changed since; remove it by hand.",
    "files.fetch": "The file it wrote may have been changed since; remove it by hand.",
    "files.bring": "The file it wrote may have been changed since; remove it by hand.",
    "image.build": "Other machines may stand on the image: `clonebox-tui image remove` asks.",
    "image.import": "Other machines may stand on the image: `clonebox-tui image remove` asks.",
    "image.remove": "The image is gone: build or import it again.",
    "machine.fork": "It made several machines: delete those you do not want.",
}


def why_never(tag: str) -> str:
    """Why acts with this tag cannot be taken back."""
    return _NEVER.get(tag, "Nothing is known that would take it back.")


def opposite(act: Act, result: Mapping[str, object]) -> Act | None:
    """What takes `act` back after it ended with `result`; None where nothing does."""
    match act:
        case LabelMachine():
            return relabelled_back(act)
        case StartMachine():
            return StopMachine(act.machine)
        case StopMachine():
            return StartMachine(act.machine)
        case PauseMachine():
            return ResumeMachine(act.machine)
        case ResumeMachine():
            return PauseMachine(act.machine)
        case TrashMachine():
            return UntrashMachine(act.machine, start=bool(result.get("running")))
        case UntrashMachine():
            return TrashMachine(act.machine)
        case CreateSnapshot():
            # Those that a machine takes by itself nobody did.
            return None if act.name.startswith(AUTOMATIC_PREFIX) else TrashSnapshot(act.machine, act.name)
        case TrashSnapshot():
            return UntrashSnapshots(act.machine, _names(result, act.name))
        case UntrashSnapshots():
            return TrashSnapshot(act.machine, act.names[0], children=len(act.names) > 1)
        case RestoreSnapshot():
            return _back_to_safety(act, result)
        case RebootMachine() | CopyToGuest() | RestorePath():
            return _back_to_before(result)
        case SetSnapshotPolicy():
            return SetSnapshotPolicy(
                act.machine, msgspec.convert(result.get("before", {}), SnapshotPolicy), act.policy
            )
        case CloneMachine() | ForkMachine():
            return _without_the_new_one(result)
        case _:
            return None


def _names(result: Mapping[str, object], one: str) -> tuple[str, ...]:
    names = result.get("snapshots")
    return tuple(str(each) for each in names) if isinstance(names, list) else (one,)


def _back_to_safety(act: RestoreSnapshot, result: Mapping[str, object]) -> Act | None:
    safety = result.get("safety")
    return RestoreSnapshot(act.machine, safety) if isinstance(safety, str) and safety else None


def _back_to_before(result: Mapping[str, object]) -> Act | None:
    """To the snapshot that the machine's policy had taken first, if it has one."""
    machine, before = result.get("machine"), result.get("before")
    if not (isinstance(machine, str) and isinstance(before, str) and machine and before):
        return None
    return RestoreSnapshot(machine, before)


def _without_the_new_one(result: Mapping[str, object]) -> Act | None:
    machines = result.get("machines")
    one = machines[0] if isinstance(machines, list) and len(machines) == 1 else result.get("machine")
    if isinstance(machines, list) and len(machines) != 1:
        return None
    return TrashMachine(one) if isinstance(one, str) and one else None
