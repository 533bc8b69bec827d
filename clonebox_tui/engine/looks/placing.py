"""Puts what was taken out of a disk in its place, in a guest or on this host: all of it, or nothing.

It is unpacked beside its place, what stands there is moved aside, and one rename puts the new in; the old
is removed only at the very end, so that until then everything can be taken back.
"""

import asyncio
import os
import shutil
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from clonebox_tui.engine.copying.unpacking import unpack
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.engine.looks.collecting import ITEM
from clonebox_tui.guest import entries, execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.files import write_file
from clonebox_tui.guest.streaming import end_marked, stream
from clonebox_tui.model.problem import Code, ProblemError, problem

_PIECE_BYTES = 384 * 1024
_UNPACK = 'umask 077; mkdir -- "$1" && tar -C "$1" -xpf -'
_PUT = """if [ -e "$2" ] || [ -L "$2" ]; then mv -- "$2" "$3" || exit 1; fi
mv -- "$1/item" "$2" && rmdir "$1" && sync"""
_TAKE_BACK = """if [ -e "$3" ] || [ -L "$3" ]; then rm -rf -- "$2"; mv -- "$3" "$2"
elif [ "$4" = new ] && ! [ -e "$1/item" ] && ! [ -L "$1/item" ]; then rm -rf -- "$2"; fi
rm -rf -- "$1" """


class Place(Protocol):
    """A path of a guest or of this host. `mark` makes the names beside it a job's own."""

    async def exists(self) -> bool:
        """Whether something stands there."""

    async def put(self, archive: Path, mark: str) -> None:
        """Unpack beside it and put it in its place, what was there aside."""

    async def take_back(self, mark: str, existed: bool) -> None:
        """Make it as it was, however far `put` came."""

    async def tidy(self, mark: str) -> None:
        """Remove what was put aside."""


def _beside(target: str, mark: str) -> tuple[str, str]:
    above, _, name = target.rstrip("/").rpartition("/")
    return f"{above}/.{name[:100]}.{mark}.part", f"{above}/.{name[:100]}.{mark}.old"


class GuestPlace:
    """A path in a running guest, reached by its agent."""

    def __init__(self, agent: Agent, target: str) -> None:
        self._agent = agent
        self._target = target

    async def exists(self) -> bool:
        """Whether something stands there; FILE_NOT_FOUND when its folder is not."""
        above = self._target.rstrip("/").rpartition("/")[0] or "/"
        folder = await entries.look(self._agent, above)
        if folder is None or not folder.is_folder:
            raise problem(
                Code.FILE_NOT_FOUND,
                f"There is no folder {above} in the guest.",
                why="What is brought back is put into a folder that is there.",
                next="Make it there, or name another path.",
            )
        return await entries.look(self._agent, self._target) is not None

    async def put(self, archive: Path, mark: str) -> None:
        """By tar, as root: modes and owners are as they were."""
        part, old = _beside(self._target, mark)
        if await self._agent.carries_streams():
            complaint = bytearray()

            async def heard(_name: str, data: bytes) -> None:
                complaint.extend(data[:1000])

            ended = await stream(
                self._agent, ["sh", "-c", _UNPACK, "sh", part], heard, _pieces(archive), mark=mark
            )
            if ended.exit_code:
                raise _refused(self._target, complaint.decode(errors="replace").strip())
            await self._do(_PUT, part, self._target, old)
        else:
            await self._write(archive)

    async def take_back(self, mark: str, existed: bool) -> None:
        """By renames in the guest."""
        if await self._agent.carries_streams():
            await end_marked(self._agent, mark)
            part, old = _beside(self._target, mark)
            await self._do(_TAKE_BACK, part, self._target, old, "" if existed else "new")

    async def tidy(self, mark: str) -> None:
        """Remove the old."""
        if await self._agent.carries_streams():
            await self._do('rm -rf -- "$1"', _beside(self._target, mark)[1])

    async def _write(self, archive: Path) -> None:
        """Where the agent has no streams (the simulated fleet): file by file."""
        with tarfile.open(archive) as tar:
            for member in tar:
                path = f"{self._target}{member.name.removeprefix(ITEM)}"
                if member.isdir():
                    await execution.run(self._agent, ["mkdir", "-p", path])
                elif (content := tar.extractfile(member)) is not None:
                    await write_file(self._agent, path, content.read())

    async def _do(self, script: str, *words: str) -> None:
        done = await execution.run(self._agent, ["sh", "-c", script, "sh", *words], timeout_seconds=0)
        if done.exit_code:
            raise _refused(self._target, done.complaint)


class HostPlace:
    """A path of this host. Owners are not taken along there, nor rights beyond their owner's."""

    def __init__(self, target: str) -> None:
        self._target = Path(target)

    async def exists(self) -> bool:
        """Whether something stands there; FILE_NOT_FOUND when its folder is not."""
        if not await asyncio.to_thread(self._target.parent.is_dir):
            raise problem(
                Code.FILE_NOT_FOUND,
                f"There is no folder {self._target.parent}.",
                why="What is brought back is put into a folder that is there.",
                next="Make it, or name another path.",
            )
        return await asyncio.to_thread(os.path.lexists, self._target)

    async def put(self, archive: Path, mark: str) -> None:
        """Unpacked by our own rules: nothing leads out of the folder, no devices, no set-user-id."""
        part, old = map(Path, _beside(str(self._target), mark))

        def work() -> None:
            with archive.open("rb") as file:
                unpack(file, part)
            if not os.path.lexists(part / ITEM):
                raise _refused(str(self._target), "A link that leads elsewhere is not made on this host.")
            if os.path.lexists(self._target):
                self._target.rename(old)
            (part / ITEM).rename(self._target)
            part.rmdir()
            os.sync()  # as in a guest: the old is removed next, and a power cut must leave one of the two

        await in_thread(work)

    async def take_back(self, mark: str, existed: bool) -> None:
        """By renames."""
        part, old = map(Path, _beside(str(self._target), mark))

        def work() -> None:
            if os.path.lexists(old):
                _remove(self._target)
                old.rename(self._target)
            elif not existed and not os.path.lexists(part / ITEM):
                _remove(self._target)
            _remove(part)

        await in_thread(work)

    async def tidy(self, mark: str) -> None:
        """Remove the old."""
        await in_thread(lambda: _remove(Path(_beside(str(self._target), mark)[1])))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


async def _pieces(archive: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(archive.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece


def _refused(target: str, why: str) -> ProblemError:
    return problem(
        Code.GUEST_ERROR,
        f"{target} could not be written.",
        why=why,
        next="See that its folder can be written to and has room.",
    )
