"""From a guest to this host."""

import asyncio
import io
import os
import shutil
from pathlib import Path

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.copying import folders
from clonebox_tui.engine.copying.handler import CopyHandler, Way, require_absolute
from clonebox_tui.engine.copying.parts import FOLDER_MARK, differs, inside, part_name, sum_of_file, taken
from clonebox_tui.engine.durable import flush
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.entries import Entry, look
from clonebox_tui.guest.transfer import read_from, sum_of
from clonebox_tui.model.acts import CopyFromGuest
from clonebox_tui.model.problem import Code, problem


class FetchHandler(CopyHandler[CopyFromGuest]):
    """Copies out."""

    title = "Copy {source} out of {name}"
    call = "guest-file-read"
    folder_call = "guest-exec tar -cf -"
    place_call = "rename"

    async def look(self, act: CopyFromGuest) -> Way:
        """Both ends as they are."""
        require_absolute(act.source, act.target)
        entry = await self._source(act)
        if entry.is_folder:
            await folders.require(self.agent(act.machine))
        in_folder = await asyncio.to_thread(os.path.isdir, act.target)
        target = Path(inside(act.target, entry.name or "root", in_folder))
        there = await asyncio.to_thread(os.path.lexists, target)
        if there and (entry.is_folder or await asyncio.to_thread(target.is_dir)):
            raise taken(str(target))
        if not await asyncio.to_thread(target.parent.is_dir):
            raise problem(
                Code.FILE_NOT_FOUND, f"There is no folder {target.parent}.", next="Make it, or name another."
            )
        size = 0 if entry.is_folder else entry.size_bytes
        print_ = f"{entry.size_bytes} {entry.modified_at}"
        return Way(act.source, str(target), entry.is_folder, size, there, print_)

    async def carry(self, act: CopyFromGuest, way: Way, run: StepRun) -> None:
        """As one file, or as a folder in one stream."""
        agent, target = self.agent(act.machine), Path(way.target)
        if way.is_folder:
            part = target.with_name(part_name(target.name, FOLDER_MARK, run.job_id))
            await run.remember(part=str(part))
            await folders.fetch(agent, act.source, part, run)
            return
        entry = await self._source(act)
        part = target.with_name(
            part_name(target.name, act.machine, entry.path, entry.size_bytes, entry.modified_at)
        )
        await run.remember(part=str(part), mode=entry.permissions)
        await _fetch_file(agent, entry, part, run)

    async def place(self, act: CopyFromGuest, run: StepRun) -> None:
        """By one rename."""
        del act
        part, target = Path(str(run.memory["part"])), Path(str(run.memory["target"]))
        mode = run.memory.get("mode")
        await in_thread(lambda: _place(part, target, mode if isinstance(mode, int) else None))

    async def clear(self, act: CopyFromGuest, run: StepRun) -> None:
        """Remove the half folder."""
        target = Path(str(run.memory.get("target", act.target)))
        part = target.with_name(part_name(target.name, FOLDER_MARK, run.job_id))
        await asyncio.to_thread(shutil.rmtree, part, True)

    async def _source(self, act: CopyFromGuest) -> Entry:
        entry = await look(self.agent(act.machine), act.source)
        if entry is None:
            raise problem(
                Code.FILE_NOT_FOUND, f"There is no {act.source} in the guest.", next="Check the path there."
            )
        if not (entry.is_folder or entry.is_file):
            raise problem(
                Code.NOT_SUPPORTED,
                f"{act.source} is neither a file nor a folder.",
                why="devices, pipes and sockets have no bytes that can be copied",
                next="Name a file or a folder.",
            )
        return entry


async def _fetch_file(agent: Agent, entry: Entry, part: Path, run: StepRun) -> None:
    have = await asyncio.to_thread(_begun, part, entry.size_bytes)
    if have:
        run.log(f"Going on after {have} bytes of an earlier try.")
    # A file of /proc says that it is empty: such a one is read to its end.
    total = entry.size_bytes or None
    file = await asyncio.to_thread(_opened, part)
    try:
        async for piece in read_from(agent, entry.path, have, entry.size_bytes):
            await asyncio.to_thread(file.write, piece)
            have += len(piece)
            run.progress("copying", have, total, "bytes")
        await asyncio.to_thread(os.fsync, file.fileno())
    finally:
        file.close()
    run.progress("comparing")
    there = await sum_of(agent, entry.path, have) if entry.size_bytes else ""
    here = await asyncio.to_thread(sum_of_file, part, have)
    if entry.size_bytes and (have < entry.size_bytes or (there and there != here)):
        await asyncio.to_thread(part.unlink)
        raise differs(entry.path)
    run.log(f"SHA-256 {here}" if there else "Not compared: the guest cannot tell the file's checksum.")


def _begun(part: Path, size_bytes: int) -> int:
    try:
        have = part.stat().st_size
    except FileNotFoundError:
        return 0
    if size_bytes and have <= size_bytes:
        return have
    part.unlink()
    return 0


def _opened(part: Path) -> io.FileIO:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    return io.FileIO(os.open(part, flags, 0o600), "ab")


def _place(part: Path, target: Path, permissions: int | None) -> None:
    if part.exists():  # else a worker that died came so far
        if permissions is not None:
            part.chmod(permissions)
        part.rename(target)
    flush(target.parent)
