"""Finds what differs between two file systems, file by file, reading only what may differ."""

import difflib
import filecmp
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from clonebox_tui.engine.looks.ext4 import Entry, FileSystem, Tree
from clonebox_tui.engine.looks.facts import changes, read_system
from clonebox_tui.model.difference import Difference, FileChange, Kind

USUAL_PATHS = ("/etc", "/home", "/root", "/opt", "/srv", "/usr/local", "/var/www", "/var/spool/cron")
TEXT_BYTES = 256 * 1024
TEXT_LINES = 400
COMPARED_BYTES = 256 << 20
MOST_CHANGES = 5_000
_SAME_SECOND_MARGIN = 5
_SECRET_PATHS = frozenset({f"/etc/{name}{kept}" for name in ("shadow", "gshadow") for kept in ("", "-")})
_Pair = tuple[Entry, Entry]


async def compare(
    old: FileSystem, new: FileSystem, paths: Sequence[str], taken_at: float, wanted: Difference
) -> Difference:
    """`wanted` with everything filled in; `taken_at` is when the older state was kept (UNIX seconds)."""
    usual = await old.find("/etc") is not None
    chosen = tuple(paths) or (USUAL_PATHS if usual else ("/",))
    files, whole = await _files(old, new, chosen, taken_at)
    before, after = await read_system(old), await read_system(new)
    notes = () if usual else ("The disk holds no system: no packages, services or users to compare.",)
    return Difference(
        machine=wanted.machine,
        before=wanted.before,
        after=wanted.after,
        source=wanted.source,
        paths=chosen,
        files=files,
        packages=changes(before.packages, after.packages),
        services=changes(before.services, after.services),
        users=changes(before.users, after.users),
        used_before_bytes=await old.used_bytes(),
        used_after_bytes=await new.used_bytes(),
        truncated=not whole,
        notes=notes,
    )


async def _files(
    old: FileSystem, new: FileSystem, paths: Sequence[str], taken_at: float
) -> tuple[tuple[FileChange, ...], bool]:
    before, after = await old.tree(paths), await new.tree(paths)
    found = [_gone(before, path) for path in before.entries if path not in after.entries]
    added = [path for path in after.entries if path not in before.entries]
    pairs = [(before.entries[path], after.entries[path]) for path in before.entries if path in after.entries]
    doubtful = await _doubtful(old, new, pairs, taken_at)
    with TemporaryDirectory(prefix="clonebox-diff-") as work:
        found += await _changed(old, new, doubtful, Path(work))
        found += await _added(new, [after.entries[path] for path in added], Path(work))
    found.sort(key=lambda change: change.path)
    return tuple(islice(found, MOST_CHANGES)), before.whole and after.whole and len(found) <= MOST_CHANGES


def _gone(tree: Tree, path: str) -> FileChange:
    entry = tree.entries[path]
    return FileChange(shown(path), Kind.REMOVED, (_type(entry),), size_before=_size(entry))


async def _doubtful(old: FileSystem, new: FileSystem, pairs: Sequence[_Pair], taken_at: float) -> list[_Pair]:
    """Pairs that may differ: any of what a folder lists, or the time of the last change."""
    same = [pair for pair in pairs if _listed(pair[0]) == _listed(pair[1])]
    times, since = (
        await old.change_times([one for one, _ in same]),
        await new.change_times([one for _, one in same]),
    )

    def untouched(pair: _Pair) -> bool:
        then, now = times.get(pair[0].inode), since.get(pair[1].inode)
        # Without the finer part two changes within a second look alike.
        return then is not None and then == now and (then[1] > 0 or then[0] < taken_at - _SAME_SECOND_MARGIN)

    alike = {pair[0].path for pair in same if pair[0].is_folder or untouched(pair)}
    return [pair for pair in pairs if pair[0].path not in alike]


def _listed(entry: Entry) -> tuple[int, ...]:
    return (entry.inode, entry.mode, entry.uid, entry.gid, 0 if entry.is_folder else entry.size)


async def _changed(old: FileSystem, new: FileSystem, pairs: Sequence[_Pair], work: Path) -> list[FileChange]:
    folders = [work / name for name in ("old", "new")]
    for folder in folders:
        folder.mkdir()
    small = [pair for pair in pairs if max(pair[0].size, pair[1].size) <= COMPARED_BYTES]
    then = await old.dump([one for one, _ in small], folders[0])
    now = await new.dump([one for _, one in small], folders[1])
    links = [pair for pair in pairs if pair[0].is_link and pair[1].is_link]
    led = await old.targets([one for one, _ in links])
    leads = await new.targets([one for _, one in links])
    found = []
    for one, two in pairs:
        path = one.path
        what = [name for name, differs in _attributes(one, two).items() if differs]
        content = path in then and path in now and not filecmp.cmp(then[path], now[path], shallow=False)
        if content or (one.is_file and two.is_file and one.size != two.size and "content" not in what):
            what.append("content")
        if led.get(path) != leads.get(path):
            what.append("target")
        if what:
            text, note = _text(path, then.get(path), now.get(path)) if content else ("", "")
            found.append(
                FileChange(shown(path), Kind.CHANGED, tuple(what), _size(one), _size(two), text, note)
            )
    return found


def _attributes(one: Entry, two: Entry) -> dict[str, bool]:
    return {
        "type": one.mode & 0o170000 != two.mode & 0o170000,
        "mode": one.mode & 0o7777 != two.mode & 0o7777,
        "owner": (one.uid, one.gid) != (two.uid, two.gid),
    }


async def _added(new: FileSystem, entries: Sequence[Entry], work: Path) -> list[FileChange]:
    folder = work / "added"
    folder.mkdir()
    dumped = await new.dump([each for each in entries if each.size <= TEXT_BYTES], folder)
    found = []
    for each in entries:
        text, note = _text(each.path, None, dumped[each.path]) if each.path in dumped else ("", "")
        found.append(
            FileChange(
                shown(each.path),
                Kind.ADDED,
                (_type(each),),
                size_after=_size(each),
                text=text,
                note=note,
            )
        )
    return found


def _text(path: str, old: Path | None, new: Path | None) -> tuple[str, str]:
    """A unified diff of two texts, and a note where there is none, or not all of it."""
    if any(_secret(path, file) for file in (old, new) if file is not None):
        return "", "not shown: it holds secrets"
    sides = [_lines(file) for file in (old, new)]
    if any(side is None for side in sides):
        return "", "not text, or too long for one"
    before, after = (side or [] for side in sides)
    name = shown(path)
    lines = list(
        islice(difflib.unified_diff(before, after, f"a{name}", f"b{name}", lineterm=""), TEXT_LINES + 1)
    )
    note = f"only its first {TEXT_LINES} lines" if len(lines) > TEXT_LINES else ""
    return "\n".join(lines[:TEXT_LINES]), note


def _secret(path: str, file: Path) -> bool:
    """Hashes of passwords and private keys: nobody asked to read them."""
    return path in _SECRET_PATHS or b"PRIVATE KEY-----" in _beginning(file)


def _beginning(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(TEXT_BYTES)


def _lines(file: Path | None) -> list[str] | None:
    if file is None:
        return []
    if file.stat().st_size > TEXT_BYTES:
        return None
    content = file.read_bytes()
    try:
        return None if b"\0" in content else content.decode().splitlines()
    except UnicodeDecodeError:
        return None


def _type(entry: Entry) -> str:
    return "folder" if entry.is_folder else "link" if entry.is_link else "file" if entry.is_file else "device"


def _size(entry: Entry) -> int | None:
    return entry.size if entry.is_file else None


def shown(path: str) -> str:
    """A path that can be sent as text: bytes that are none are replaced."""
    return path.encode(errors="surrogateescape").decode(errors="replace")
