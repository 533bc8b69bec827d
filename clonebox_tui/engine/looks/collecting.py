"""Takes a file or folder out of a disk into a tar, with modes, owners and times as they were."""

import asyncio
import io
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from clonebox_tui.engine.looks.difference import not_there
from clonebox_tui.engine.looks.ext4 import Entry, FileSystem
from clonebox_tui.engine.looks.keeping import half_name
from clonebox_tui.model.problem import Code, problem

ITEM = "item"
"""What a tar holds stands under this name, whatever it was called."""
MOST_BYTES = 4 << 30
MOST_ENTRIES = 50_000


async def found_at(disk: FileSystem, path: str, snapshot: str) -> dict[str, Entry]:
    """The item and all below it, by path, itself first. FILE_NOT_FOUND, NOT_SUPPORTED for too much."""
    top = await disk.find(path)
    if top is None or not (top.is_file or top.is_folder or top.is_link):
        raise not_there(path, snapshot)
    below = await disk.tree([top.path], MOST_ENTRIES) if top.is_folder else None
    entries = {top.path: top, **(below.entries if below else {})}
    size = sum(each.size for each in entries.values() if each.is_file)
    if size > MOST_BYTES or (below is not None and not below.whole):
        raise problem(
            Code.NOT_SUPPORTED,
            f"{path} is too much to be brought back one by one.",
            why=f"At most {MOST_ENTRIES} files and {MOST_BYTES >> 30} GiB are.",
            next="Fork the snapshot and copy it from there, or name a part of it.",
        )
    return entries


async def collect(disk: FileSystem, path: str, snapshot: str, target: Path) -> None:
    """Write the tar `target` (which is there, and private)."""
    entries = await found_at(disk, path, snapshot)
    top = next(iter(entries))
    targets = await disk.targets([each for each in entries.values() if each.is_link])
    times = await disk.change_times(entries.values())
    work = target.with_name(half_name(target.stem, "work"))
    work.mkdir(mode=0o700)
    try:
        contents = await disk.dump(entries.values(), work)
        await asyncio.to_thread(_pack, target, top, entries, contents, targets, times)
    finally:
        await asyncio.to_thread(shutil.rmtree, work)


def _pack(
    target: Path,
    top: str,
    entries: Mapping[str, Entry],
    contents: Mapping[str, Path],
    targets: Mapping[str, str],
    times: Mapping[int, tuple[int, int]],
) -> None:
    with tarfile.open(target, "w") as tar:
        for each in entries.values():
            name = PurePosixPath(ITEM, PurePosixPath(each.path).relative_to(top))
            member = tarfile.TarInfo(str(name))
            member.mode, member.uid, member.gid = each.mode & 0o7777, each.uid, each.gid
            member.mtime = times.get(each.inode, (0, 0))[0]
            _add(tar, member, each, contents.get(each.path), targets.get(each.path, ""))


def _add(
    tar: tarfile.TarFile, member: tarfile.TarInfo, entry: Entry, content: Path | None, link: str
) -> None:
    if entry.is_folder:
        member.type = tarfile.DIRTYPE
        tar.addfile(member)
    elif entry.is_link:
        member.type, member.linkname = tarfile.SYMTYPE, link
        tar.addfile(member)
    elif entry.is_file and content is not None:
        member.size = content.stat().st_size
        with content.open("rb") as file:
            tar.addfile(member, file)


def collect_simulated(files: Mapping[str, bytes], path: str, snapshot: str, target: Path) -> int:
    """The same out of a simulated disk; bytes of content. FILE_NOT_FOUND."""
    folder = path.rstrip("/") + "/"
    wanted = {name: content for name, content in files.items() if name == path or name.startswith(folder)}
    if not wanted:
        raise not_there(path, snapshot)
    with tarfile.open(target, "w") as tar:
        for name in sorted(wanted):
            member = tarfile.TarInfo(str(PurePosixPath(ITEM, PurePosixPath(name).relative_to(path))))
            member.mode, member.type = (
                (0o755, tarfile.DIRTYPE) if name.endswith("/") else (0o644, tarfile.REGTYPE)
            )
            member.size = len(wanted[name])
            tar.addfile(member, io.BytesIO(wanted[name]))
    return sum(map(len, wanted.values()))
