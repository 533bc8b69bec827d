"""From this host into a guest."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.copying import folders
from clonebox_tui.engine.copying.handler import CopyHandler, Way, require_absolute
from clonebox_tui.engine.copying.parts import FOLDER_MARK, differs, inside, part_name, sum_of_file, taken
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.entries import look
from clonebox_tui.guest.execution import ExecResult
from clonebox_tui.guest.execution import run as run_in_guest
from clonebox_tui.guest.transfer import append_to, sum_of
from clonebox_tui.model.acts import CopyToGuest
from clonebox_tui.model.problem import Code, problem

_READ_BYTES = 384 * 1024
_BEGIN = 'umask 077; : >>"$1"'
_PLACE = 'chmod "$3" "$1" && mv -f -- "$1" "$2" && sync'
_PLACE_FOLDER = 'if [ -e "$2" ]; then exit 45; fi; mv -- "$1" "$2"'
_TAKEN = 45


class BringHandler(CopyHandler[CopyToGuest]):
    """Copies in."""

    title = "Copy {source} into {name}"
    call = "guest-file-write"
    folder_call = "guest-exec tar -xpf -"
    place_call = "guest-exec mv"

    async def look(self, act: CopyToGuest) -> Way:
        """Both ends as they are."""
        require_absolute(act.source, act.target)
        status = await asyncio.to_thread(_status, act.source)
        is_folder = stat.S_ISDIR(status.st_mode)
        agent = self.agent(act.machine)
        if is_folder:
            await folders.require(agent)
        found = await look(agent, act.target)
        name = Path(act.source).name or "root"
        target = inside(act.target, name, found is not None and found.is_folder)
        if target != act.target:
            found = await look(agent, target)
        if found is not None and (is_folder or found.is_folder):
            raise taken(target)
        above = target.rstrip("/").rpartition("/")[0] or "/"
        folder = await look(agent, above)
        if folder is None or not folder.is_folder:
            raise problem(
                Code.FILE_NOT_FOUND,
                f"There is no folder {above} in the guest.",
                next="Make it there, or name another.",
            )
        size = 0 if is_folder else status.st_size
        print_ = f"{status.st_size} {status.st_mtime_ns}"
        return Way(act.source, target, is_folder, size, found is not None, print_)

    async def carry(self, act: CopyToGuest, way: Way, run: StepRun) -> None:
        """As one file, or as a folder in one stream."""
        agent = self.agent(act.machine)
        if way.is_folder:
            part = _folder_part(way.target, run)
            await run.remember(part=part)
            await folders.bring(agent, Path(act.source), part, run)
            return
        status = await asyncio.to_thread(_status, act.source)
        part = _beside(
            way.target, part_name(_name(way.target), act.source, status.st_size, status.st_mtime_ns)
        )
        await run.remember(part=part, mode=f"{status.st_mode & 0o777:o}")
        await _bring_file(agent, Path(act.source), status.st_size, part, run)

    async def place(self, act: CopyToGuest, run: StepRun) -> None:
        """By one rename; a folder never over another one."""
        agent, mode = self.agent(act.machine), run.memory.get("mode")
        part, target = str(run.memory["part"]), str(run.memory["target"])
        if await look(agent, part) is None:
            return  # a worker that died came so far
        words = (_PLACE, part, target, str(mode)) if mode else (_PLACE_FOLDER, part, target)
        placed = await _do(agent, *words)
        if placed.exit_code == _TAKEN:
            raise taken(target)
        _require(placed, target)

    async def clear(self, act: CopyToGuest, run: StepRun) -> None:
        """Remove the half folder."""
        part = _folder_part(str(run.memory.get("target", act.target)), run)
        await _do(self.agent(act.machine), 'rm -rf -- "$1"', part)


async def _bring_file(agent: Agent, source: Path, size: int, part: str, run: StepRun) -> None:
    _require(await _do(agent, _BEGIN, part), part)
    begun = await look(agent, part)
    have = begun.size_bytes if begun else 0
    if have > size:
        await _do(agent, ': >"$1"', part)
        have = 0
    if have:
        run.log(f"Going on after {have} bytes of an earlier try.")
    async for written in append_to(agent, part, _pieces(source, have, size)):
        have += written
        run.progress("copying", have, size, "bytes")
    run.progress("comparing")
    here = await asyncio.to_thread(sum_of_file, source, size)
    there = await sum_of(agent, part, size)
    if have < size or (there and there != here):
        await _do(agent, 'rm -f -- "$1"', part)
        raise differs(str(source))
    run.log(f"SHA-256 {here}" if there else "Not compared: the guest cannot tell the file's checksum.")


async def _pieces(source: Path, offset: int, size: int) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(source.open, "rb") as file:
        file.seek(offset)
        left = size - offset
        while left > 0 and (piece := await asyncio.to_thread(file.read, min(_READ_BYTES, left))):
            yield piece
            left -= len(piece)


async def _do(agent: Agent, script: str, *words: str) -> ExecResult:
    return await run_in_guest(agent, ["sh", "-c", script, "sh", *words], timeout_seconds=0)


def _require(result: ExecResult, target: str) -> None:
    if result.exit_code:
        raise problem(
            Code.GUEST_ERROR,
            f"{target} could not be written in the guest.",
            why=result.complaint,
            next="See that the folder can be written there and has room.",
        )


def _status(source: str) -> os.stat_result:
    try:
        status = Path(source).stat()
    except OSError as error:
        raise problem(
            Code.FILE_NOT_FOUND, f"{source} cannot be read.", why=str(error), next="Check the path."
        ) from error
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise problem(
            Code.NOT_SUPPORTED, f"{source} is neither a file nor a folder.", next="Name a file or a folder."
        )
    return status


def _folder_part(target: str, run: StepRun) -> str:
    return _beside(target, part_name(_name(target), FOLDER_MARK, run.job_id))


def _beside(path: str, name: str) -> str:
    return f"{path.rstrip('/').rpartition('/')[0]}/{name}"


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
