"""The same comparison on the simulated fleet, whose disks are lists of files."""

import difflib
from typing import TYPE_CHECKING, cast

from clonebox_tui.engine.looks.facts import changes, users
from clonebox_tui.model.difference import Difference, DiffWanted, FileChange, FileFound, FileWanted, Kind
from clonebox_tui.providers.protocol import Provider

if TYPE_CHECKING:
    from clonebox_tui.engine.fork.simulated_steps import Simulation

_Files = dict[str, bytes]


async def simulated_difference(provider: Provider, uuid: str, wanted: DiffWanted) -> Difference:
    """What differs between two lists of files."""
    simulation = cast("Simulation", provider)
    before = dict(await simulation.files_at(uuid, wanted.before))
    after = dict(await simulation.files_at(uuid, wanted.after))
    paths = wanted.paths or ("/",)
    names = sorted(
        path for path in {*before, *after} if any(_within(path, each) for each in paths) and path != "/"
    )
    changed = [_change(path, before, after) for path in names if before.get(path) != after.get(path)]
    return Difference(
        machine=wanted.machine,
        before=wanted.before,
        after=wanted.after,
        source="simulated disks",
        paths=paths,
        files=tuple(changed),
        users=changes(_users(before), _users(after)),
        used_before_bytes=_used(before),
        used_after_bytes=_used(after),
        notes=("Simulated machines keep no records of packages and services.",),
    )


async def simulated_file(provider: Provider, uuid: str, wanted: FileWanted) -> FileFound | None:
    """A file of a simulated disk."""
    files = await cast("Simulation", provider).files_at(uuid, wanted.snapshot)
    content = files.get(wanted.path)
    if content is None:
        return None
    return FileFound(
        content[: wanted.limit_bytes], 0o644, 0, 0, len(content), len(content) > wanted.limit_bytes
    )


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _change(path: str, before: _Files, after: _Files) -> FileChange:
    kind = Kind.ADDED if path not in before else Kind.REMOVED if path not in after else Kind.CHANGED
    old, new = (side.get(path, b"").decode(errors="replace").splitlines() for side in (before, after))
    folder = path.endswith("/")
    what = ("content",) if kind is Kind.CHANGED else ("folder" if folder else "file",)
    text = "\n".join(difflib.unified_diff(old, new, f"a{path}", f"b{path}", lineterm=""))
    sizes = [None if folder or path not in side else len(side[path]) for side in (before, after)]
    shown = "" if kind is Kind.REMOVED else text
    return FileChange(path.rstrip("/"), kind, what, sizes[0], sizes[1], shown)


def _users(files: _Files) -> dict[str, str]:
    return users(files.get("/etc/passwd", b"").decode(errors="replace"))


def _used(files: _Files) -> int:
    return sum(len(content) for content in files.values())
