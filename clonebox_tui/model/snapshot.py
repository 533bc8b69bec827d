"""Snapshots and the tree they form."""

from collections.abc import Collection, Sequence
from enum import StrEnum

import msgspec


class Storage(StrEnum):
    """Where a snapshot's data lies: inside the disk image, or in files beside it."""

    INTERNAL = "internal"
    EXTERNAL = "external"


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """One snapshot of one machine. Names are unique within the machine."""

    name: str
    created_at: float
    parent: str = ""
    description: str = ""
    current: bool = False
    """The machine's present state descends from this one: *now* hangs below it."""
    memory: bool = False
    storage: Storage = Storage.INTERNAL
    safety: bool = False
    """Taken by this program before a restore; the last three are kept."""
    size_bytes: int | None = None


SAFETY_PREFIX = "safety-"
"""Names of safety snapshots begin so."""

MAX_NAME_BYTES = 200


def why_not_name(name: str) -> str:
    """Why a snapshot cannot have this name; empty when it can. Providers keep files named after it."""
    if not name.strip():
        return "It is empty."
    if "/" in name or name.startswith("."):
        return "A slash or a leading dot cannot be part of a file's name."
    if not name.isprintable():
        return "It holds characters that cannot be seen."
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"It is longer than {MAX_NAME_BYTES} bytes."
    return ""


def without(snapshots: Sequence[Snapshot], hidden: Collection[str]) -> tuple[Snapshot, ...]:
    """The snapshots but for those of these names: what hung below them hangs below what they hung below."""
    by_name = {each.name: each for each in snapshots}

    def seen(name: str) -> str:
        while name in hidden and name in by_name:
            name = by_name[name].parent
        return name

    current = seen(next((each.name for each in snapshots if each.current), ""))
    return tuple(
        msgspec.structs.replace(each, parent=seen(each.parent), current=each.name == current)
        for each in snapshots
        if each.name not in hidden
    )


def fork_names(name: str, count: int) -> tuple[str, ...]:
    """What so many forks are called: one by the name itself, several by numbers after it."""
    return (name,) if count == 1 else tuple(f"{name}-{number}" for number in range(1, count + 1))


class Branch(msgspec.Struct, frozen=True):
    """A line of the drawn tree: depth-first, children by age. `rails` draws the lines left of it."""

    snapshot: Snapshot | None
    """None is *now*."""
    rails: str
    depth: int


def shortened(rails: str, cells: int) -> str:
    """Rails in so many cells: of a long chain only the nearest are drawn, so that names stay to be read."""
    return rails if len(rails) <= cells else "…" + rails[1 - cells :]


def tree(snapshots: tuple[Snapshot, ...], now: bool = True) -> tuple[Branch, ...]:
    """The lines of the snapshot tree with *now* below the current snapshot (or at the root)."""
    names = {snapshot.name for snapshot in snapshots}
    children: dict[str, list[Snapshot | None]] = {}
    for item in sorted(snapshots, key=lambda each: (each.created_at, each.name)):
        children.setdefault(item.parent if item.parent in names else "", []).append(item)
    if now:
        current = next((each.name for each in snapshots if each.current), "")
        children.setdefault(current, []).append(None)
    lines: list[Branch] = []
    # A stack instead of recursion: hundreds of snapshots in one chain are normal.
    stack: list[tuple[Snapshot | None, bool, str, int]] = []

    def push(parent: str, prefix: str, depth: int) -> None:
        kids = children.get(parent, [])
        stack.extend((kid, i == len(kids) - 1, prefix, depth) for i, kid in reversed(list(enumerate(kids))))

    push("", "", 0)
    while stack:
        snapshot, final, prefix, depth = stack.pop()
        rails = prefix + ("" if depth == 0 else "└─" if final else "├─")
        lines.append(Branch(snapshot, rails, depth))
        below = prefix + ("" if depth == 0 else "  " if final else "│ ")
        if snapshot is not None:
            push(snapshot.name, below, depth + 1)
    return tuple(lines)
