"""Remove a machine from the trash for good, with all that was kept for it."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.backing import backing_users, users_inside
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.trash.entries import FILES, Entries, Entry, discard, read
from clonebox_tui.model.acts import PurgeMachine
from clonebox_tui.model.places import Places
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.trash import TrashedMachine


class PurgeHandler:
    """Purges. What was begun is finished, by the next worker if need be."""

    def __init__(self, fleet: Fleet, places: Places) -> None:
        self._fleet = fleet
        self._places = places
        self._entries = Entries(fleet, places)

    def lane(self, act: PurgeMachine) -> str:
        """The machine's lane."""
        return act.machine

    async def plan(self, act: PurgeMachine, context: Context | None) -> Plan:
        """The plan. MACHINE_NOT_FOUND, CONNECTION_FAILED; IMAGE_IN_USE when a disk stands on one of its."""
        del context
        place, entry = await asyncio.to_thread(self._entries.find, act.machine)
        kept = entry.machine
        await self._refuse_needed(place, entry)
        return Plan(
            act="trash.purge",
            title=f"Purge {kept.name} from the trash",
            steps=tuple(step.planned() for step in self._steps(place)),
            fingerprint=f"{act.machine} {kept.deleted_at}",
            machine=act.machine,
            name=kept.name,
            destructive=True,
            reversible=False,
            undo="It cannot be undone: the machine, its snapshots and its folder are gone.",
            notes=(
                *((f"Frees {kept.size_bytes / 1024**2:.0f} MiB.",) if kept.folder else ()),
                *(
                    (f"Left where they are: {', '.join(kept.disks)}",)
                    if kept.disks and not kept.folder
                    else ()
                ),
            ),
        )

    async def steps(self, act: PurgeMachine, memory: Mapping[str, object]) -> Sequence[Step]:
        """The one step."""
        known = str(memory.get("place", ""))
        place = Path(known) if known else (await asyncio.to_thread(self._entries.find, act.machine))[0]
        return self._steps(place)

    async def result(self, act: PurgeMachine, memory: Mapping[str, object]) -> dict[str, object]:
        """The machine."""
        del memory
        return {"machine": act.machine}

    def _steps(self, place: Path) -> list[Step]:
        async def purge(run: StepRun) -> None:
            await run.remember(place=str(place))
            await asyncio.to_thread(_purge, place)

        return [Step("purge", "Remove it for good", purge, call=f"rm -r {place}", final=True)]

    async def _refuse_needed(self, place: Path, entry: Entry) -> None:
        """A disk that was cloned by hand meanwhile may stand on one in the trash."""
        kept = entry.machine
        if not kept.folder:
            return
        # Its other machines cannot be asked while it is down, and nobody else knows where their disks lie.
        self._fleet.provider(kept.connection)
        home = place / FILES if kept.moved else Path(kept.folder)
        needed = await backing_users(self._fleet, self._places, without=kept.machine, home=home)
        inside = users_inside(needed, home)
        if inside:
            users = sorted({user for users in inside.values() for user in users})
            raise problem(
                Code.IMAGE_IN_USE,
                f"{kept.name} cannot be purged: other disks stand on its own.",
                why=f"{', '.join(inside)} is needed by {', '.join(users)}.",
                next="Delete those first.",
                details=tuple(f"{path} ← {', '.join(users)}" for path, users in inside.items()),
            )


def _notes(kept: TrashedMachine) -> tuple[str, ...]:
    if kept.folder:
        return (f"Frees {kept.size_bytes / 1024**2:.0f} MiB.",)
    return (f"Left where they are: {', '.join(kept.disks)}",) if kept.disks else ()


def _purge(place: Path) -> None:
    entry = read(place)[1]
    kept = entry.machine
    if kept.folder and not kept.moved and Path(kept.folder).is_dir():
        shutil.rmtree(kept.folder)
    if entry.definition.nvram and kept.connection.startswith("qemu:///"):
        Path(entry.definition.nvram).unlink(missing_ok=True)
    discard(place)
