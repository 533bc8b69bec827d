"""Lines of the snapshot tree: branches, age, size, and where the machine is now."""

from clonebox_tui.model.snapshot import Branch, Snapshot, shortened, tree
from clonebox_tui.tui.presentation.amounts import duration, size
from clonebox_tui.tui.presentation.glyphs import Glyphs
from clonebox_tui.tui.presentation.runs import Runs, clean, fit, width_of

NOW = "\0now"
"""Row id of *now*; no snapshot can be called that."""

_AGE_CELLS = 7
_SIZE_CELLS = 8
_LEAST_RAILS = 8


def tree_rows(snapshots: tuple[Snapshot, ...]) -> dict[str, Branch]:
    """The tree's lines by row id (the snapshot's name), in order."""
    return {each.snapshot.name if each.snapshot else NOW: each for each in tree(snapshots)}


def snapshot_runs(branch: Branch, width: int, now: float, glyphs: Glyphs, marked: bool = False) -> Runs:
    """One line of the tree."""
    rails = (f" {glyphs.rails(shortened(branch.rails, max(_LEAST_RAILS, width // 3)))}", "dim")
    snapshot = branch.snapshot
    if snapshot is None:
        return (rails, (f"{glyphs.now} ", "accent"), ("now", "strong"))
    mark = "●" if snapshot.current else "○"
    if glyphs.ascii:
        mark = "*" if snapshot.current else "o"
    columns = f"{duration(now - snapshot.created_at):>{_AGE_CELLS}}"
    if width >= 44:
        columns += f" {size(snapshot.size_bytes):>{_SIZE_CELLS}}"
    tags = "".join(
        [" memory" if snapshot.memory and width >= 60 else "", " safety" if snapshot.safety else ""]
    )
    room = width - width_of((rails,)) - 2 - len(columns) - len(tags) - 1
    name = fit(clean(snapshot.name), max(3, room))
    ink = "mark" if marked else "dim" if snapshot.safety else "text"
    return (
        rails,
        (f"{mark} ", "accent" if snapshot.current else "dim"),
        (name, ink),
        (tags, "dim"),
        (columns, "dim"),
        (" ", "dim"),
    )


def snapshot_facts(snapshot: Snapshot, now: float) -> list[tuple[str, str]]:
    """Everything known of a snapshot, as (name, value)."""
    kept = "disk and memory" if snapshot.memory else "disk only"
    facts = [
        ("name", snapshot.name),
        ("taken", f"{duration(now - snapshot.created_at)} ago"),
        ("description", snapshot.description or "–"),
        ("parent", snapshot.parent or "–"),
        ("holds", f"{kept}, {snapshot.storage.value}"),
        ("size", size(snapshot.size_bytes) or "not known"),
    ]
    if snapshot.current:
        facts.append(("current", "the machine's present state descends from it"))
    if snapshot.safety:
        facts.append(("safety", "taken by itself before a restore; the last three are kept"))
    return facts
