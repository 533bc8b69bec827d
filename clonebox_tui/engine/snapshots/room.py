"""Room for what a snapshot keeps: asked for before it is taken, and named as the cause when it ran out."""

from pathlib import Path

from clonebox_tui.engine.snapshots.moment import Moment
from clonebox_tui.model.environment import GIBIBYTE, MEBIBYTE
from clonebox_tui.model.problem import Code, Problem, ProblemError, problem

_LEAST_FREE_BYTES = MEBIBYTE
"""What a snapshot writes without memory: tables of the qcow2."""

_NEXT = "Free some space, or stop the machine: without memory a snapshot is small."


def memory_needed(moment: Moment) -> int:
    """Bytes that the machine's memory may take in a snapshot; none of a machine that is off."""
    return moment.machine.memory_bytes if moment.alive else 0


def require_room(moment: Moment) -> None:
    """DISK_FULL when this very host keeps the disk and the memory might not fit beside it."""
    needed, (place, free) = memory_needed(moment), _room(moment)
    if free is None or free >= needed:
        return
    raise problem(
        Code.DISK_FULL,
        f"There is not enough room to keep the memory of {moment.machine.name}.",
        why=f"It may take {needed / GIBIBYTE:.1f} GiB; {place} has {free / GIBIBYTE:.1f} GiB left.",
        next=_NEXT,
    )


async def take(moment: Moment, name: str, description: str, *, memory: bool, safety: bool) -> None:
    """Take a snapshot; DISK_FULL where room ran out meanwhile, which QEMU calls an input/output error."""
    provider, machine = moment.provider, moment.machine
    try:
        await provider.create_snapshot(machine.uuid, name, description, memory, safety)
    except ProblemError as error:
        needed = max(memory_needed(moment) if memory else 0, _LEAST_FREE_BYTES)
        known, (place, free) = error.problem, _room(moment)
        if known.code is not Code.LIBVIRT_ERROR or free is None or free >= needed:
            raise
        why = f"{place} has {free / MEBIBYTE:.0f} MiB left. {known.why.strip()}"
        raise ProblemError(Problem(Code.DISK_FULL, known.what, why, _NEXT)) from None


def _room(moment: Moment) -> tuple[Path, int | None]:
    """The folder of the machine's first disk and its free bytes, None where this host cannot know."""
    paths = [Path(disk.path) for disk in moment.details.disks if disk.path and not disk.readonly]
    if not paths or not moment.machine.connection.startswith("qemu:///"):
        return Path(), None
    import shutil

    try:
        return paths[0].parent, shutil.disk_usage(paths[0].parent).free
    except OSError:
        return paths[0].parent, None  # a place that this user cannot see
