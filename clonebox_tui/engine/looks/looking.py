"""Gets at the file system of a machine as it was or is: a private raw copy of its disk, kept for a while.

A copy, since a running machine's journal must be played back before its files can be read; sparse, so that
it takes what the disk holds and no more.
"""

import asyncio
import hashlib
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from clonebox_tui.engine import process
from clonebox_tui.engine.clone import disk
from clonebox_tui.engine.current_job import current_job
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.fork import copying
from clonebox_tui.engine.fork.origin import How, Origin, find_origin
from clonebox_tui.engine.looks.ext4 import FileSystem
from clonebox_tui.engine.looks.keeping import forget_old, half_name, live_folder, looks_folder
from clonebox_tui.engine.looks.partition import file_system
from clonebox_tui.engine.snapshots.moment import Moment, look
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.machine import AgentState, State
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, ProblemError, problem

_SYNC_SECONDS = 30.0

_in_use: Counter[Path] = Counter()
"""Copies that are being read, by anybody in this process: they are not forgotten."""


class Looking:
    """Opens disks; one a worker."""

    def __init__(self, fleet: Fleet, places: Places, agent: Callable[[str], Agent]) -> None:
        self._fleet = fleet
        self._places = places
        self._agent = agent
        self._one_at_a_time = asyncio.Lock()
        self._copies: dict[Path, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def opened(self, machine: str, snapshot: str) -> AsyncIterator[FileSystem]:
        """The file system in a snapshot; in the present, without a name. NOT_SUPPORTED, DISK_FULL,
        SNAPSHOT_NOT_FOUND, IMAGE_INVALID."""
        moment = await look(self._fleet, machine)
        origin = await find_origin(self._fleet, moment, snapshot)
        folder = await asyncio.to_thread(looks_folder, self._places)
        target = folder / f"{_key(moment, origin, snapshot)}.raw"
        _in_use[target] += 1
        try:
            await self._copied(moment, origin, target)
            await asyncio.to_thread(os.utime, target)
            await asyncio.to_thread(forget_old, folder, set(+_in_use))
            yield await file_system(target)
        finally:
            _in_use[target] -= 1
            if not snapshot:
                await asyncio.to_thread(target.unlink, missing_ok=True)

    async def _copied(self, moment: Moment, origin: Origin, target: Path) -> None:
        """Have the copy. Somebody who gives up waiting does not end it: asked again, it is there. A job's own
        ends with the job, and nobody else ever asks for that of the present."""
        mine = None
        if target not in self._copies:
            mine = self._copies[target] = asyncio.create_task(self._copy_once(moment, origin, target))
            mine.add_done_callback(lambda task: self._forget_task(target, task))
        if mine is not None and (current_job.get() or not moment.find(origin.snapshot)):
            await mine
        else:
            await asyncio.shield(self._copies[target])

    def _forget_task(self, target: Path, task: "asyncio.Task[None]") -> None:
        self._copies.pop(target, None)
        if not task.cancelled():
            task.exception()  # told to who waited, if anybody did

    async def _copy_once(self, moment: Moment, origin: Origin, target: Path) -> None:
        async with self._one_at_a_time:
            if not await asyncio.to_thread(target.exists):
                await self._copy(moment, origin, target)

    async def _copy(self, moment: Moment, origin: Origin, target: Path) -> None:
        disk.refuse_full(target.parent, origin.whole_bytes)
        part = target.with_name(half_name(target.stem, "part"))
        await asyncio.to_thread(part.touch, 0o600)  # qemu-img keeps the mode: a disk is nobody else's
        try:
            if origin.how is How.LIVE:
                await self._copy_live(moment, origin, part)
            else:
                await self._copy_file(moment, origin, part)
            await _play_journal(await file_system(part))
            await asyncio.to_thread(part.rename, target)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def _copy_file(self, moment: Moment, origin: Origin, part: Path) -> None:
        before = await asyncio.to_thread(_stamp, Path(origin.path))
        await copying.copy_file(origin, part, lambda _line: None, raw=True)
        present = origin.how is How.COPY and not origin.snapshot
        if present and await asyncio.to_thread(_stamp, Path(origin.path)) != before:
            raise problem(
                Code.WRONG_STATE,
                f"{moment.machine.name} was written to while it was looked at.",
                why="It was started meanwhile.",
                next="Try again.",
            )

    async def _copy_live(self, moment: Moment, origin: Origin, part: Path) -> None:
        machine = moment.machine
        place = await asyncio.to_thread(live_folder, self._places, machine.connection)
        await asyncio.to_thread(forget_old, place, ())
        copy = place / half_name(part.stem, "live")
        if machine.state is State.RUNNING and machine.agent is AgentState.CONNECTED:
            await _sync(self._agent(machine.id))
        try:
            await copying.copy_live(moment.provider, machine.uuid, copy, None, lambda _done, _total: None)
            whole = Origin(How.COPY, str(copy), "qcow2", origin.virtual_bytes, 0)
            await copying.copy_file(whole, part, lambda _line: None, raw=True)
        except BaseException:
            await moment.provider.abort_copy(machine.uuid)
            raise
        finally:
            await asyncio.to_thread(copy.unlink, missing_ok=True)


async def _sync(agent: Agent) -> None:
    """What the guest holds in memory belongs to what its disk shows now."""
    try:
        await execution.run(agent, ["sync"], timeout_seconds=_SYNC_SECONDS)
    except ProblemError:
        return


async def _play_journal(found: FileSystem) -> None:
    # Its code says that something was repaired, or that something else is wrong: what can be read is read.
    await process.run(["e2fsck", "-E", "journal_only", "-y", found.device])


def _key(moment: Moment, origin: Origin, snapshot: str) -> str:
    kept = moment.find(snapshot)
    made = kept.created_at if kept else time.time_ns()
    text = repr((moment.machine.uuid, origin.path, snapshot, made))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size
