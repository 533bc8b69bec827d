"""What differs between two moments of a machine: from its disks, else by what its guest told of itself."""

import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.looks import comparing
from clonebox_tui.engine.looks.looking import Looking
from clonebox_tui.engine.looks.noted import noted_difference
from clonebox_tui.engine.looks.simulated import simulated_difference, simulated_file
from clonebox_tui.engine.snapshots.moment import Moment, look
from clonebox_tui.engine.snapshots.recorded import Recorded
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.difference import Difference, DiffWanted, FileFound, FileWanted
from clonebox_tui.model.machine import State
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, ProblemError, problem

MOST_PATHS = 64

_NOT_OF_DISKS = frozenset(
    {Code.SNAPSHOT_NOT_FOUND, Code.MACHINE_NOT_FOUND, Code.CONNECTION_FAILED, Code.CANCELLED}
)
"""Failures that say nothing about whether the disks can be read."""


class Looks:
    """Compares states of machines, and reads single files out of them."""

    def __init__(
        self,
        fleet: Fleet,
        places: Places,
        agent: Callable[[str], Agent],
        recorded: Recorded | None = None,
    ) -> None:
        self._fleet = fleet
        self._agent = agent
        self._recorded = recorded or Recorded()
        self.looking = Looking(fleet, places, agent)

    async def difference(self, wanted: DiffWanted) -> Difference:
        """What changed from one state to the other. Errors as of `Looking.opened`, and USAGE; where the disks
        cannot be read, what the guest told is compared."""
        refuse_paths(wanted.paths)
        moment = await look(self._fleet, wanted.machine)
        for name in filter(None, (wanted.before, wanted.after)):
            moment.require(name)
        if wanted.before == wanted.after:
            raise problem(
                Code.USAGE,
                "A state is not compared with itself.",
                why=f"Both are {wanted.before or 'the present'}.",
                next="Name two snapshots, or one to compare it with the present.",
            )
        try:
            return await self._on_disks(moment, wanted)
        except ProblemError as error:
            if error.problem.code in _NOT_OF_DISKS:
                raise
            agent = self._agent(wanted.machine)
            return await noted_difference(self._recorded, agent, moment, wanted, error.problem)

    async def _on_disks(self, moment: Moment, wanted: DiffWanted) -> Difference:
        if moment.machine.connection.startswith("simulated"):
            return await simulated_difference(moment.provider, moment.machine.uuid, wanted)
        kept = [moment.require(name) for name in (wanted.before, wanted.after) if name]
        alive = moment.machine.state not in (State.OFF, State.CRASHED)
        asked = Difference(wanted.machine, wanted.before, wanted.after, _source(alive and len(kept) < 2), ())
        oldest = min((each.created_at for each in kept), default=time.time())
        async with AsyncExitStack() as stack:
            old = await stack.enter_async_context(self.looking.opened(wanted.machine, wanted.before))
            new = await stack.enter_async_context(self.looking.opened(wanted.machine, wanted.after))
            return await comparing.compare(old, new, wanted.paths, oldest, asked)

    async def file(self, wanted: FileWanted) -> FileFound:
        """A file as it was. FILE_NOT_FOUND, and errors as of `Looking.opened`."""
        refuse_paths((wanted.path,))
        moment = await look(self._fleet, wanted.machine)
        if moment.machine.connection.startswith("simulated"):
            found = await simulated_file(moment.provider, moment.machine.uuid, wanted)
            if found is None:
                raise not_there(wanted.path, wanted.snapshot)
            return found
        async with self.looking.opened(wanted.machine, wanted.snapshot) as disk:
            entry = await disk.find(wanted.path)
            if entry is not None and entry.is_link:
                target = (await disk.targets([entry]))[entry.path]
                entry = await disk.find(
                    target if target.startswith("/") else str(Path(entry.path).parent / target)
                )
            if entry is None or not entry.is_file:
                raise not_there(wanted.path, wanted.snapshot, "" if entry is None else "It is not a file.")
            with TemporaryDirectory(prefix="clonebox-look-") as folder:
                content = await disk.read(entry, Path(folder), wanted.limit_bytes)
            return FileFound(
                content,
                entry.mode & 0o7777,
                entry.uid,
                entry.gid,
                entry.size,
                truncated=len(content) < entry.size,
            )


def not_there(path: str, snapshot: str, why: str = "") -> ProblemError:
    """FILE_NOT_FOUND of a state."""
    return problem(
        Code.FILE_NOT_FOUND,
        f"{path} is not to be had from {snapshot or 'the present'}.",
        why=why or "There is no file of that name on the machine's disk.",
        next="Paths are those of the disk itself: folders that other disks are mounted on are empty there.",
    )


def refuse_paths(paths: tuple[str, ...]) -> None:
    """USAGE for paths that are not absolute, and for too many of them."""
    wrong = [path for path in paths if not path.startswith("/") or "\0" in path]
    if wrong or len(paths) > MOST_PATHS:
        raise problem(
            Code.USAGE,
            f"{wrong[0]!r} cannot be looked at." if wrong else f"{len(paths)} paths are too many.",
            why=f"Paths are absolute ones of the guest, {MOST_PATHS} at most.",
            next="Name them from the root, such as /etc/hosts.",
        )


def _source(live: bool) -> str:
    return "disks, read without booting" + (
        "; the present is a copy that QEMU made while the machine runs" if live else ""
    )
