"""Delete a machine so that it can be brought back: its definition kept, its folder moved aside."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.backing import chain
from clonebox_tui.engine.delete import OFF, MachineFiles, file_disks, size_of
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.trash.entries import FILES, Entries, Entry, discard, move_if_there, read, write
from clonebox_tui.model.acts import TrashMachine
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.places import Places
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.snapshot import Storage
from clonebox_tui.model.trash import TrashedMachine


class _Course(msgspec.Struct, frozen=True):
    """What the steps need, remembered before the first effect."""

    place: str
    folder: str = ""
    moves: bool = False
    running: bool = False


class TrashHandler:
    """Moves machines into the trash. Until the last step all of it can be taken back."""

    def __init__(self, fleet: Fleet, places: Places, clock: Callable[[], float] = time.time) -> None:
        self._fleet = fleet
        self._files = MachineFiles(fleet, places)
        self._entries = Entries(fleet, places)
        self._clock = clock

    def lane(self, act: TrashMachine) -> str:
        """The machine's lane."""
        return act.machine

    async def plan(self, act: TrashMachine, context: Context | None) -> Plan:
        """The plan. IMAGE_IN_USE when another disk stands on one of its files."""
        del context
        entry, course = await self._look(act)
        machine = self._fleet.machine(act.machine)
        days = self._entries.seconds_kept() / 86_400
        warnings = []
        if course.running:
            warnings.append(f"{machine.name} runs: its plug is pulled, unsaved work in it is lost.")
        if machine.saved:
            warnings.append("Its saved memory is lost: it boots anew when it is brought back.")
        return Plan(
            act="machine.trash",
            title=f"Move {machine.name} to the trash",
            steps=tuple(step.planned() for step in self._steps(act, course)),
            fingerprint=" ".join((act.machine, str(course.running), course.folder, str(course.moves))),
            machine=act.machine,
            name=machine.name,
            downtime_seconds=0.0 if course.running else None,
            destructive=True,
            undo=f"Bring it back within {days:g} days: `clonebox-tui trash restore {machine.name}`.",
            warnings=tuple(warnings),
            notes=_notes(entry.machine),
        )

    async def steps(self, act: TrashMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        """Keep, pull the plug, forget, move."""
        known = memory.get("course")
        course = msgspec.convert(known, _Course) if known else (await self._look(act))[1]
        return self._steps(act, course)

    async def result(self, act: TrashMachine, memory: Mapping[str, object]) -> dict[str, object]:
        """Until when it can be brought back, and whether it ran."""
        course = msgspec.convert(memory["course"], _Course)
        kept = read(Path(course.place))[1].machine
        known = {"machine": act.machine, "name": kept.name, "until_at": kept.until_at}
        return {**known, "running": course.running}

    # -- steps ---------------------------------------------------------------------------------------

    def _steps(self, act: TrashMachine, course: _Course) -> list[Step]:
        work = _Throwing(self._fleet, act.machine, course)
        calls = {each: self._explained(each, act.machine) for each in ("kill", "set_aside")}

        async def keep(run: StepRun) -> None:
            if "course" not in run.memory:
                await run.remember(course=msgspec.to_builtins(course))
            entry, _ = await self._look(act)
            await asyncio.to_thread(write, Path(course.place), entry)

        steps = [Step("keep", "Keep its definition", keep, work.undo_keep, f"write {course.place}")]
        if course.running:
            steps.append(Step("kill", "Pull the plug", work.kill, work.undo_kill, *calls["kill"]))
        title = "Take it off the list, its snapshots with it"
        steps.append(Step("forget", title, work.forget, work.undo_forget, *calls["set_aside"]))
        if course.moves:
            move = f"mv {course.folder} {course.place}/{FILES}"
            steps.append(Step("move", "Move its folder to the trash", work.move, work.undo_move, move))
        return steps

    def _explained(self, operation: str, machine: str) -> tuple[str, str]:
        try:
            provider = self._fleet.provider(machine.rpartition("/")[0])
        except ProblemError:
            return "", ""  # a recovery while the connection is down needs the steps all the same
        call = provider.explain(operation, machine)
        return call.call, call.equivalent

    # -- looking -------------------------------------------------------------------------------------

    async def _look(self, act: TrashMachine) -> tuple[Entry, _Course]:
        provider, uuid = self._fleet.provider_of(act.machine)
        details, spec = await provider.details(uuid), await provider.spec(uuid)
        machine = details.machine
        folder = self._files.own_folder(machine, spec)
        definition = await provider.definition(uuid)
        if folder:
            await asyncio.to_thread(_refuse_unmade, machine.name, folder)
            await self._files.refuse_needed(machine, folder, ())
        paths = await self._paths(machine, [disk.path for disk in file_disks(details)])
        place = self._entries.place(act.machine, bool(folder))
        moves = bool(folder) and not await _stand_on_each_other(folder, paths)
        moves = moves and await asyncio.to_thread(_one_rename_away, Path(folder), place)
        now = self._clock()
        size = await asyncio.to_thread(size_of, [folder]) if folder else 0
        inside = {path for path in paths if moves and Path(folder) in Path(path).parents}
        trashed = TrashedMachine(
            act.machine,
            machine.name,
            now,
            now + self._entries.seconds_kept(),
            machine.connection,
            folder,
            moves,
            tuple(path for path in paths if path not in inside),
            len(definition.snapshots),
            size,
            details.needs,
        )
        return Entry(trashed, definition), _Course(str(place), folder, moves, machine.state not in OFF)

    async def _paths(self, machine: Machine, present: Sequence[str]) -> list[str]:
        """Disks in files, also those that hold external snapshots."""
        provider, uuid = self._fleet.provider_of(machine.id)
        found = list(present)
        for snapshot in await provider.snapshots(uuid):
            if snapshot.storage is Storage.EXTERNAL:
                found += [disk.path for disk in await provider.disks_at(uuid, snapshot.name) if disk.path]
        return list(dict.fromkeys(found))


class _Throwing:
    """The steps of one machine."""

    def __init__(self, fleet: Fleet, machine: str, course: _Course) -> None:
        self._fleet = fleet
        self._machine = machine
        self._course = course
        self._place = Path(course.place)

    async def undo_keep(self, run: StepRun) -> None:
        """The machine is there: nothing needs the entry."""
        if "course" in run.memory:
            await asyncio.to_thread(discard, self._place)

    async def kill(self, run: StepRun) -> None:
        """Pull the plug."""
        del run
        provider, uuid = self._fleet.provider_of(self._machine)
        if (await provider.details(uuid)).machine.state not in OFF:
            await provider.kill(uuid)

    async def undo_kill(self, run: StepRun) -> None:
        """What was not written is lost; at least it runs again."""
        provider, uuid = self._fleet.provider_of(self._machine)
        if (await provider.details(uuid)).machine.state in OFF:
            await provider.start(uuid)
            run.log("Started it again: its plug had been pulled.")

    async def forget(self, run: StepRun) -> None:
        """Take it out of libvirt."""
        del run
        uri, _, uuid = self._machine.rpartition("/")
        try:
            await self._fleet.provider(uri).set_aside(uuid)
        except ProblemError as error:
            # A machine without a definition of its own is gone once its plug is pulled.
            if error.problem.code is not Code.MACHINE_NOT_FOUND:
                raise
        self._fleet.machine_removed(self._machine)

    async def undo_forget(self, run: StepRun) -> None:
        """Define it again, also what is only missing of it."""
        entry = read(self._place)[1]
        if "course" not in run.memory or not entry.machine.machine:
            return
        provider = self._fleet.provider(entry.machine.connection)
        self._fleet.machine_changed(await provider.put_back(entry.definition, entry.machine.name))

    async def move(self, run: StepRun) -> None:
        """Move its folder: one rename."""
        del run
        await asyncio.to_thread(os.rename, self._course.folder, self._place / FILES)

    async def undo_move(self, run: StepRun) -> None:
        """Move it back."""
        del run
        await asyncio.to_thread(move_if_there, self._place / FILES, Path(self._course.folder))


async def _stand_on_each_other(folder: str, paths: Sequence[str]) -> bool:
    """Whether a disk in the folder names another file of it: that name would be wrong elsewhere."""
    below = {link for path in paths for link in (await chain(path))[1:]}
    return any(Path(folder) in Path(link).parents for link in below)


def _one_rename_away(folder: Path, place: Path) -> bool:
    """Not where `machines/`, or the folder itself, is a mount of its own: a rename cannot leave one."""
    root = place.parent.parent
    return not os.path.ismount(folder) and folder.stat().st_dev == root.stat().st_dev


def _refuse_unmade(name: str, folder: str) -> None:
    """MACHINE_BUSY while a job still makes the machine: its mark lies in the folder."""
    if any(Path(folder).glob(".job-*")):
        raise problem(
            Code.MACHINE_BUSY,
            f"{name} is still being made.",
            next="Wait for that job, or cancel it: `clonebox-tui job list`.",
        )


def _notes(kept: TrashedMachine) -> tuple[str, ...]:
    until = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(kept.until_at))
    notes = [f"It stays in the trash until {until}; then it is gone for good."]
    if kept.folder:
        notes.append(f"{kept.size_bytes / 1024**2:.0f} MiB come free only then, or by `trash purge`.")
    if kept.folder and not kept.moved:
        why = "its disks stand on one another, or it lies on a file system of its own"
        notes.append(f"Its folder cannot be moved ({why}): it stays in its place and keeps its name.")
    elif kept.disks:
        notes.append(f"Left where they are: {', '.join(kept.disks)}")
    return tuple(notes)
