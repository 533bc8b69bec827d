"""Remove a machine for good: its definition always, its files only where nothing else stands on them."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.backing import backing_users, real_paths, users_inside
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model.acts import DeleteMachine
from clonebox_tui.model.machine import Disk, Machine, MachineDetails, State
from clonebox_tui.model.places import Places
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.spec import MachineSpec

OFF = (State.OFF, State.CRASHED, State.SUSPENDED)


class _Doomed(msgspec.Struct, frozen=True):
    """What an act will remove, kept in the job's memory: a crash must not make it ask anew."""

    machine: str
    name: str
    running: bool
    folder: str = ""
    files: tuple[str, ...] = ()
    size_bytes: int = 0
    kept: tuple[str, ...] = ()


class MachineFiles:
    """Which files are a machine's own, and who else needs them."""

    def __init__(self, fleet: Fleet, places: Places) -> None:
        self._fleet = fleet
        self._places = places

    def own_folder(self, machine: Machine, spec: MachineSpec | None) -> str:
        """The machine's folder, if it is one that a clone made: directly in `machines/` of its connection."""
        if spec is None or not machine.connection.startswith("qemu") or is_remote(machine.connection):
            return ""
        folder = Path(spec.disk_path).parent
        ours = self._places.images(machine.connection) / "machines"
        return str(folder) if folder.parent == ours and folder.is_dir() and not folder.is_symlink() else ""

    async def refuse_needed(self, machine: Machine, folder: str, files: Sequence[str]) -> None:
        """IMAGE_IN_USE when another disk stands on one of the files, or on one in the folder."""
        needed = await backing_users(self._fleet, self._places, without=machine.id)
        inside = users_inside(needed, folder) if folder else {}
        real = {*(await real_paths(files)).values()}
        inside |= {path: users for path, users in needed.items() if path in real}
        if inside:
            users = sorted({user for users in inside.values() for user in users})
            raise problem(
                Code.IMAGE_IN_USE,
                f"{machine.name} cannot be deleted: other disks stand on its own.",
                why=f"{', '.join(inside)} is needed by {', '.join(users)}.",
                next="Delete those first.",
                details=tuple(f"{path} ← {', '.join(users)}" for path, users in inside.items()),
            )


class DeleteHandler:
    """Deletes. What was started cannot be taken back, so everything is checked before."""

    def __init__(self, fleet: Fleet, places: Places) -> None:
        self._fleet = fleet
        self._files = MachineFiles(fleet, places)

    def lane(self, act: DeleteMachine) -> str:
        """The machine's lane."""
        return act.machine

    async def plan(self, act: DeleteMachine, context: Context | None) -> Plan:
        """The plan. IMAGE_IN_USE when another disk stands on one of the files."""
        del context
        doomed = await self._doomed(act)
        warnings = [f"{doomed.name} runs: its plug is pulled, unsaved work in it is lost."] * doomed.running
        return Plan(
            act="machine.delete",
            title=f"Delete {doomed.name}",
            steps=tuple(step.planned() for step in self._steps(act, doomed)),
            fingerprint=" ".join((act.machine, str(doomed.running), doomed.folder, *doomed.files)),
            machine=act.machine,
            name=doomed.name,
            downtime_seconds=0.0 if doomed.running else None,
            destructive=True,
            reversible=False,
            undo="It cannot be undone: the machine, its snapshots and the files named here are gone.",
            confirm=doomed.name,
            warnings=tuple(warnings),
            notes=_notes(doomed),
        )

    async def steps(self, act: DeleteMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        """The steps, from what was remembered or from the machine as it is."""
        known = memory.get("doomed")
        doomed = msgspec.convert(known, _Doomed) if known else await self._doomed(act)
        return self._steps(act, doomed)

    async def result(self, act: DeleteMachine, memory: Mapping[str, object]) -> dict[str, object]:
        """What is gone, and what was left in its place."""
        doomed = msgspec.convert(memory["doomed"], _Doomed)
        removed = [doomed.folder] if doomed.folder else list(doomed.files)
        return {"machine": act.machine, "removed": removed, "kept": list(doomed.kept)}

    # -- steps ---------------------------------------------------------------------------------------

    def _steps(self, act: DeleteMachine, doomed: _Doomed) -> list[Step]:
        steps = [self._kill(act, doomed)] if doomed.running else []
        steps.append(self._undefine(act, doomed))
        if doomed.folder or doomed.files:
            steps.append(_remove(doomed))
        return steps

    def _kill(self, act: DeleteMachine, doomed: _Doomed) -> Step:
        async def do(run: StepRun) -> None:
            await _remember(run, doomed)
            provider, uuid = self._fleet.provider_of(act.machine)
            if (await provider.details(uuid)).machine.state not in OFF:
                await provider.kill(uuid)

        call = self._explained("kill", act, doomed)
        return Step("kill", "Pull the plug", do, call=call[0], equivalent=call[1], final=True)

    def _undefine(self, act: DeleteMachine, doomed: _Doomed) -> Step:
        async def do(run: StepRun) -> None:
            await _remember(run, doomed)
            uri, _, uuid = act.machine.rpartition("/")
            try:
                await self._fleet.provider(uri).undefine(uuid)
            except ProblemError as error:
                # A worker that died may have come so far.
                if error.problem.code is not Code.MACHINE_NOT_FOUND:
                    raise
            self._fleet.machine_removed(act.machine)

        # Nothing takes it back: its snapshots' metadata would be lost, and the person confirmed by its name.
        call = self._explained("undefine", act, doomed)
        return Step("undefine", "Forget the machine", do, call=call[0], equivalent=call[1], final=True)

    def _explained(self, operation: str, act: DeleteMachine, doomed: _Doomed) -> tuple[str, str]:
        try:
            provider = self._fleet.provider(act.machine.rpartition("/")[0])
        except ProblemError:
            return "", ""  # a recovery while the connection is down needs the steps all the same
        call = provider.explain(operation, doomed.name)
        return call.call, call.equivalent

    # -- looking -------------------------------------------------------------------------------------

    async def _doomed(self, act: DeleteMachine) -> _Doomed:
        provider, uuid = self._fleet.provider_of(act.machine)
        details, spec = await provider.details(uuid), await provider.spec(uuid)
        machine = details.machine
        folder = self._files.own_folder(machine, spec)
        wanted = [] if folder else _removable(details) if act.disks else []
        if folder or wanted:
            await self._files.refuse_needed(machine, folder, wanted)
        size = await asyncio.to_thread(size_of, [folder] if folder else wanted)
        kept = tuple(disk.path for disk in file_disks(details) if not folder and disk.path not in wanted)
        running = machine.state not in OFF
        return _Doomed(machine.id, machine.name, running, folder, tuple(wanted), size, kept)


async def _remember(run: StepRun, doomed: _Doomed) -> None:
    """Once, before the first effect: afterwards not even a full disk may stop the deletion half way."""
    if "doomed" not in run.memory:
        await run.remember(doomed=msgspec.to_builtins(doomed))


def _remove(doomed: _Doomed) -> Step:
    async def do(run: StepRun) -> None:
        await _remember(run, doomed)
        await asyncio.to_thread(_unlink, doomed)

    if doomed.folder:
        return Step("files", "Remove its folder", do, call=f"rm -r {doomed.folder}", final=True)
    return Step("files", "Remove its disks", do, call=f"rm {' '.join(doomed.files)}", final=True)


def _unlink(doomed: _Doomed) -> None:
    if doomed.folder and Path(doomed.folder).is_dir():
        shutil.rmtree(doomed.folder, ignore_errors=True)
        if Path(doomed.folder).exists():
            shutil.rmtree(doomed.folder)  # once more, and loudly: the machine is gone already
    for path in doomed.files:
        Path(path).unlink(missing_ok=True)


def file_disks(details: MachineDetails) -> list[Disk]:
    """Those that are files."""
    return [disk for disk in details.disks if disk.path.startswith("/")]


def _removable(details: MachineDetails) -> list[str]:
    """Writable disks in files of this host: no media, no block devices, none of another host."""
    if is_remote(details.machine.connection):
        return []
    return [disk.path for disk in file_disks(details) if not disk.readonly and Path(disk.path).is_file()]


def size_of(paths: Sequence[str]) -> int:
    """Bytes that files and folders take."""
    files = [path for place in paths for path in (Path(place), *Path(place).rglob("*")) if path.is_file()]
    return sum(path.stat().st_blocks * 512 for path in files)


def _notes(doomed: _Doomed) -> tuple[str, ...]:
    notes = [f"Frees {doomed.size_bytes / 1024**2:.0f} MiB."] if doomed.folder or doomed.files else []
    if doomed.kept:
        notes.append(f"Left where they are: {', '.join(doomed.kept)}")
    return tuple(notes)
