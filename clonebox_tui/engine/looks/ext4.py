"""Reads an ext2/3/4 file system in a raw file through debugfs: nothing is mounted, no root is needed.

Everything is asked by inode number, so that no name of the guest's ever becomes part of a command. The
file system was written by a guest: debugfs runs with bounds on memory and time, its answers are read
with care. Commands and answers are described in debugfs(8).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from clonebox_tui.engine import process

ROOT_INODE = 2
MOST_ENTRIES = 100_000
_MEMORY_BYTES, _CPU_SECONDS = 1 << 30, 120
_LINKS_FOLLOWED = 16
_ENTRY = re.compile(rb"/(\d+)/(\d{6})/(\d+)/(\d+)/([^/]+)/(\d*)/\n")
_STAT = re.compile(rb"^Inode: (\d+) .*?^ ctime: (0x[0-9a-f]+)(?::([0-9a-f]+))?", re.MULTILINE | re.DOTALL)
_FAST_LINK = re.compile(rb'^Fast link dest: "(.*)"$', re.MULTILINE | re.DOTALL)
_BLOCKS = re.compile(rb"^(Block count|Free blocks|Block size): +(\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """A name in the file system. `mode` holds the type too, as st_mode does."""

    path: str
    inode: int
    mode: int
    uid: int
    gid: int
    size: int

    @property
    def is_folder(self) -> bool:
        """A directory."""
        return S_ISDIR(self.mode)

    @property
    def is_file(self) -> bool:
        """A regular file."""
        return S_ISREG(self.mode)

    @property
    def is_link(self) -> bool:
        """A symbolic link."""
        return S_ISLNK(self.mode)


@dataclass(frozen=True)
class Tree:
    """Entries by path; `whole` is false when there were more than are looked at."""

    entries: Mapping[str, Entry]
    whole: bool = True


class FileSystem:
    """One file system, at `offset` bytes into the file `image`."""

    def __init__(self, image: Path, offset: int = 0) -> None:
        self.image = image
        self.offset = offset

    @property
    def device(self) -> str:
        """How e2fsprogs are told file and offset (ext2fs_open2)."""
        return f"{self.image}?offset={self.offset}" if self.offset else str(self.image)

    async def used_bytes(self) -> int | None:
        """How much of it is taken."""
        found = {
            name: int(value) for name, value in _BLOCKS.findall(await self._ask(["show_super_stats -h"]))
        }
        if len(found) < 3:
            return None
        return (found[b"Block count"] - found[b"Free blocks"]) * found[b"Block size"]

    async def find(self, path: str) -> Entry | None:
        """What lies at an absolute path; links on the way are followed, the last one is not."""
        here, rest, links = _root(), _parts(path), 0
        while rest:
            name, rest = rest[0], rest[1:]
            found = (await self.children([here])).get(_below(here.path, name))
            if found is None:
                return None
            if found.is_link and rest:
                links += 1
                if links > _LINKS_FOLLOWED:
                    return None
                target = (await self.targets([found])).get(found.path, "")
                base = "" if target.startswith("/") else here.path
                here, rest = _root(), [*_parts(f"{base}/{target}"), *rest]
                continue
            here = found
        return here

    async def children(self, folders: Sequence[Entry]) -> dict[str, Entry]:
        """What lies directly in these folders, by path."""
        answers = await self._each([f"ls -p <{each.inode}>" for each in folders])
        found: dict[str, Entry] = {}
        for folder, answer in zip(folders, answers, strict=True):
            for inode, mode, uid, gid, raw, size in _ENTRY.findall(answer):
                name = raw.decode(errors="surrogateescape")
                if name in (".", "..") or int(inode) == 0:
                    continue
                path = _below(folder.path, name)
                found[path] = Entry(path, int(inode), int(mode, 8), int(uid), int(gid), int(size or 0))
        return found

    async def tree(self, paths: Iterable[str], most: int = MOST_ENTRIES) -> Tree:
        """Everything at and below these paths."""
        found: dict[str, Entry] = {}
        tops = [each for path in paths if (each := await self.find(path)) is not None]
        found.update({each.path: each for each in tops if each.path != "/"})
        level = [each for each in tops if each.is_folder]
        visited = {each.inode for each in level}
        while level:
            below = await self.children(level)
            found.update(below)
            if len(found) > most:
                return Tree(dict(list(found.items())[:most]), whole=False)
            # A folder that is its own descendant is damage, or malice.
            level = [each for each in below.values() if each.is_folder and each.inode not in visited]
            visited |= {each.inode for each in level}
        return Tree(found)

    async def change_times(self, entries: Iterable[Entry]) -> dict[int, tuple[int, int]]:
        """When each inode last changed (ctime): UNIX seconds, and the finer part as it is stored."""
        said = await self._ask([f"stat <{each.inode}>" for each in entries])
        return {
            int(inode): (int(seconds, 16), int(finer or b"0", 16))
            for inode, seconds, finer in _STAT.findall(said)
        }

    async def targets(self, links: Sequence[Entry]) -> dict[str, str]:
        """Where symbolic links lead, by their path."""
        answers = await self._each([f"stat <{each.inode}>" for each in links])
        found: dict[str, str] = {}
        for link, answer in zip(links, answers, strict=True):
            fast = _FAST_LINK.search(answer)
            target = fast[1] if fast else await self._ask_bytes(link.inode)
            found[link.path] = target.decode(errors="surrogateescape")
        return found

    async def dump(self, entries: Iterable[Entry], folder: Path) -> dict[str, Path]:
        """Write regular files' contents into `folder`, one a file; where each lies, by its path."""
        wanted = [each for each in entries if each.is_file]
        files = {each.path: folder / str(each.inode) for each in wanted}
        inodes = dict.fromkeys(each.inode for each in wanted)
        await self._ask([f'dump <{inode}> "{folder / str(inode)}"' for inode in inodes])
        return {path: file for path, file in files.items() if file.is_file()}

    async def read(self, entry: Entry, folder: Path, limit_bytes: int) -> bytes:
        """The beginning of a file's content."""
        dumped = await self.dump([entry], folder)
        if entry.path not in dumped:
            return b""
        with dumped[entry.path].open("rb") as file:
            return file.read(limit_bytes)

    async def _ask_bytes(self, inode: int) -> bytes:
        said = await self._ask([f"cat <{inode}>"])
        return said.partition(b"\n")[2]

    async def _each(self, commands: Sequence[str]) -> list[bytes]:
        """The answer of each command: they stand between the echoes of the commands."""
        said = await self._ask(commands)
        answers, at = [], 0
        for command in commands:
            echo = f"debugfs: {command}\n".encode()
            start = said.find(echo, at)
            if start < 0:
                answers.append(b"")
                continue
            at = start + len(echo)
            end = said.find(b"debugfs: ", at)
            answers.append(said[at : end if end >= 0 else len(said)])
        return answers

    async def _ask(self, commands: Sequence[str]) -> bytes:
        if not commands:
            return b""
        bounds = [f"--as={_MEMORY_BYTES}", f"--cpu={_CPU_SECONDS}"]
        argv = ["prlimit", *bounds, process.find("debugfs"), "-f", "/dev/stdin", self.device]
        _, said = await process.capture(argv, stdin="".join(f"{each}\n" for each in commands).encode())
        return said


def _root() -> Entry:
    return Entry("/", ROOT_INODE, 0o040755, 0, 0, 0)


def _parts(path: str) -> list[str]:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return parts


def _below(folder: str, name: str) -> str:
    return f"/{name}" if folder == "/" else f"{folder}/{name}"
