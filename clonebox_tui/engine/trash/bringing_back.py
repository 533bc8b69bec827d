"""Bring a machine back out of the trash, as it was but off, with its snapshots."""

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from clonebox_tui.config.syntax import NAME
from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.trash.entries import FILES, Entries, Entry, discard, move_if_there, read
from clonebox_tui.model.acts import UntrashMachine
from clonebox_tui.model.machine import State, split_id
from clonebox_tui.model.places import Places
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.rpc import Context


class _Course(msgspec.Struct, frozen=True):
    """What the steps need, remembered before the first effect."""

    place: str
    name: str
    folder: str = ""
    """Where the machine's folder will be; empty where none is moved."""


class UntrashHandler:
    """Brings machines back."""

    def __init__(self, fleet: Fleet, places: Places) -> None:
        self._fleet = fleet
        self._entries = Entries(fleet, places)

    def lane(self, act: UntrashMachine) -> str:
        """The machine's lane."""
        return act.machine

    async def plan(self, act: UntrashMachine, context: Context | None) -> Plan:
        """The plan. MACHINE_NOT_FOUND, NAME_TAKEN, NAME_INVALID, FILE_NOT_FOUND."""
        del context
        entry, course = await asyncio.to_thread(self._look, act)
        self._fleet.provider(entry.machine.connection)
        return Plan(
            act="trash.restore",
            title=f"Bring {course.name} back from the trash",
            steps=tuple(step.planned() for step in self._steps(act, course)),
            fingerprint=f"{act.machine} {entry.machine.deleted_at} {course.name}",
            machine=act.machine,
            name=course.name,
            undo="Move it to the trash again.",
            notes=(_note(entry.machine.name, act.start),),
        )

    async def steps(self, act: UntrashMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        """Move its files back, define it, remove the entry."""
        known = memory.get("course")
        if known:
            return self._steps(act, msgspec.convert(known, _Course))
        return self._steps(act, (await asyncio.to_thread(self._look, act))[1])

    async def result(self, act: UntrashMachine, memory: Mapping[str, object]) -> dict[str, object]:
        """The machine and its name."""
        return {"machine": act.machine, "name": msgspec.convert(memory["course"], _Course).name}

    def _steps(self, act: UntrashMachine, course: _Course) -> list[Step]:
        work = _BringingBack(self._fleet, act.machine, course)
        steps = []
        if course.folder:
            move = f"mv {course.place}/{FILES} {course.folder}"
            steps.append(Step("move", "Move its folder back", work.move, work.undo_move, move))
        call, line = self._explained("put_back", act.machine)
        title = "Define it again, its snapshots with it"
        steps.append(Step("define", title, work.define, work.undo_define, call, line))
        if act.start:
            call, line = self._explained("start", act.machine)
            steps.append(Step("start", "Start it", work.start, work.undo_start, call, line))
        rm = f"rm -r {course.place}"
        return [*steps, Step("tidy", "Take it out of the trash", work.tidy, call=rm, final=True)]

    def _explained(self, operation: str, machine: str) -> tuple[str, str]:
        try:
            call = self._fleet.provider(split_id(machine)[0]).explain(operation, machine)
        except ProblemError:
            return "", ""  # a recovery while the connection is down needs the steps all the same
        return call.call, call.equivalent

    def _look(self, act: UntrashMachine) -> tuple[Entry, _Course]:
        place, entry = self._entries.find(act.machine)
        kept, name = entry.machine, act.name or entry.machine.name
        if act.name and not re.fullmatch(NAME, act.name):
            raise problem(
                Code.NAME_INVALID,
                f"A machine cannot be named {act.name!r}.",
                next="Use lower-case letters, digits and dashes.",
            )
        folder = str(Path(kept.folder).with_name(name)) if kept.moved else ""
        names = {each.name for each in self._fleet.machines.values() if each.connection == kept.connection}
        if name in names or (folder and Path(folder).exists()):
            raise problem(
                Code.NAME_TAKEN,
                f"The name {name} is taken by now.",
                why=f"There is another machine {name}." if name in names else f"{folder} is there.",
                next=f"Bring it back under another one: `clonebox-tui trash restore {kept.name} --name NEW`.",
            )
        files = [str(place / FILES)] if kept.moved else [path for path in kept.disks if path.startswith("/")]
        self._refuse_missing(kept.connection, kept.name, files)
        return entry, _Course(str(place), name, folder)

    def _refuse_missing(self, connection: str, name: str, files: Sequence[str]) -> None:
        missing = [path for path in files if not Path(path).exists()]
        if missing and connection.startswith("qemu:///"):
            raise problem(
                Code.FILE_NOT_FOUND,
                f"{name} cannot be brought back: its disk is gone.",
                why=", ".join(missing),
                next="Put the file back in its place, or purge the machine.",
                details=tuple(missing),
            )


def _note(name: str, start: bool) -> str:
    return (
        f"It was deleted as {name}; it comes back {'and is started' if start else 'off'}, with its snapshots."
    )


class _BringingBack:
    """The steps of one machine."""

    def __init__(self, fleet: Fleet, machine: str, course: _Course) -> None:
        self._fleet = fleet
        self._machine = machine
        self._course = course
        self._place = Path(course.place)

    async def _remember(self, run: StepRun) -> None:
        if "course" not in run.memory:
            await run.remember(course=msgspec.to_builtins(self._course))

    async def move(self, run: StepRun) -> None:
        """Move its folder back: one rename."""
        await self._remember(run)
        await asyncio.to_thread(os.rename, self._place / FILES, self._course.folder)

    async def undo_move(self, run: StepRun) -> None:
        """Into the trash again."""
        if "course" in run.memory:
            await asyncio.to_thread(move_if_there, Path(self._course.folder), self._place / FILES)

    async def define(self, run: StepRun) -> None:
        """Define it as it was."""
        await self._remember(run)
        entry = read(self._place)[1]
        provider = self._fleet.provider(entry.machine.connection)
        moved = (entry.machine.folder, self._course.folder) if self._course.folder else ("", "")
        self._fleet.machine_changed(await provider.put_back(entry.definition, self._course.name, moved))

    async def undo_define(self, run: StepRun) -> None:
        """Off the list again."""
        if "course" not in run.memory:
            return
        uri, uuid = split_id(self._machine)
        try:
            await self._fleet.provider(uri).set_aside(uuid)
        except ProblemError as error:
            if error.problem.code is not Code.MACHINE_NOT_FOUND:
                raise
        self._fleet.machine_removed(self._machine)

    async def start(self, run: StepRun) -> None:
        """It ran when it was deleted."""
        del run
        provider, uuid = self._fleet.provider_of(self._machine)
        await provider.start(uuid)

    async def undo_start(self, run: StepRun) -> None:
        """It was only just booted."""
        del run
        provider, uuid = self._fleet.provider_of(self._machine)
        if (await provider.details(uuid)).machine.state is State.RUNNING:
            await provider.kill(uuid)

    async def tidy(self, run: StepRun) -> None:
        """Remove the entry: the machine is there."""
        del run
        await asyncio.to_thread(discard, self._place)
