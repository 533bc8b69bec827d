"""The act of bringing one file or folder back out of a snapshot."""

import asyncio
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.in_thread import in_thread
from clonebox_tui.engine.looks.collecting import collect, collect_simulated, found_at
from clonebox_tui.engine.looks.difference import not_there, refuse_paths
from clonebox_tui.engine.looks.keeping import looks_folder
from clonebox_tui.engine.looks.looking import Looking
from clonebox_tui.engine.looks.placing import GuestPlace, HostPlace, Place
from clonebox_tui.engine.snapshots.moment import look
from clonebox_tui.guest.agent import Agent, absence
from clonebox_tui.model.acts import RestorePath, tag
from clonebox_tui.model.machine import AgentState, State
from clonebox_tui.model.places import Places
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Context

if TYPE_CHECKING:
    from clonebox_tui.engine.fork.simulated_steps import Simulation


class RestorePathHandler:
    """Brings back."""

    def __init__(self, fleet: Fleet, places: Places, agent: Callable[[str], Agent]) -> None:
        self._fleet = fleet
        self._places = places
        self._agent = agent
        self._looking = Looking(fleet, places, agent)

    def lane(self, act: RestorePath) -> str:
        """Beside everything else that is done with the machine."""
        return f"{act.into or act.machine} files"

    async def plan(self, act: RestorePath, context: Context | None) -> Plan:
        """What is put where, and what it replaces. FILE_NOT_FOUND, AGENT_UNAVAILABLE, USAGE, and what
        `Looking.opened` raises."""
        del context
        refuse_paths((act.path, act.target))
        moment = await look(self._fleet, act.machine)
        if act.snapshot:
            moment.require(act.snapshot)
        self._refuse_silent(act)
        count, size = await self._amount(act)
        exists = await self._place(act).exists()
        name = moment.machine.name
        where = self._fleet.machine(act.into).name if act.into else "this host"
        return Plan(
            act=tag(act),
            title=f"Bring {act.path} back from {act.snapshot or 'the present'} of {name}",
            steps=tuple(step.planned() for step in await self.steps(act, {})),
            fingerprint=f"{moment.machine.uuid} {act.snapshot} {count} {size} {exists}",
            machine=moment.machine.id,
            name=name,
            bytes_needed=0 if act.into else size,
            destructive=exists,
            reversible=not exists,
            undo="It cannot be undone: what it replaces is gone." if exists else f"Remove {act.target}.",
            warnings=(f"Replaces {act.target} on {where}.",) if exists else (),
            notes=(
                f"{count} {'entry' if count == 1 else 'entries'}, {size} bytes, to {act.target} on {where}.",
                "Modes and owners are as they were."
                if act.into
                else "Modes are as they were; on this host the files belong to you.",
            ),
        )

    async def steps(self, act: RestorePath, memory: Mapping[str, object]) -> Sequence[Step]:
        """Take it out, put it in its place, remove what was there."""
        del memory

        async def collect_it(run: StepRun) -> None:
            run.progress("reading the disk")
            await self._collect(act, self._archive(run))

        async def forget(run: StepRun) -> None:
            await in_thread(lambda: self._archive(run).unlink(missing_ok=True))

        async def put(run: StepRun) -> None:
            place = self._place(act)
            await run.remember(placing=True, existed=await place.exists())
            run.progress(f"writing {act.target}")
            await place.put(self._archive(run), run.job_id)
            run.log(f"Wrote {act.target}.")

        async def take_back(run: StepRun) -> None:
            if run.memory.get("placing"):
                await self._place(act).take_back(run.job_id, bool(run.memory.get("existed")))

        async def tidy(run: StepRun) -> None:
            await self._place(act).tidy(run.job_id)
            await forget(run)

        words = f"debugfs -R 'dump {act.path} …'"
        target = shlex.quote(act.target)
        return [
            Step("collect", "Take it out of the disk", collect_it, forget, words),
            Step("put", "Put it in its place", put, take_back, f"tar -x, mv {target}"),
            Step("tidy", "Remove what was there before", tidy, call=f"rm -r {target}.old", final=True),
        ]

    async def result(self, act: RestorePath, memory: Mapping[str, object]) -> dict[str, object]:
        """Where it is."""
        return {"machine": act.into, "target": act.target, "replaced": bool(memory.get("existed"))}

    # -- within --------------------------------------------------------------------------------------

    def _place(self, act: RestorePath) -> Place:
        return GuestPlace(self._agent(act.into), act.target) if act.into else HostPlace(act.target)

    def _archive(self, run: StepRun) -> Path:
        return looks_folder(self._places) / f"get-{run.job_id}.tar"

    async def _collect(self, act: RestorePath, archive: Path) -> None:
        await in_thread(lambda: archive.touch(0o600))
        provider, uuid = self._fleet.provider_of(act.machine)
        if provider.uri.startswith("simulated"):
            files = await cast("Simulation", provider).files_at(uuid, act.snapshot)
            await asyncio.to_thread(collect_simulated, files, act.path, act.snapshot, archive)
            return
        async with self._looking.opened(act.machine, act.snapshot) as disk:
            await collect(disk, act.path, act.snapshot, archive)

    async def _amount(self, act: RestorePath) -> tuple[int, int]:
        """How many entries, and bytes of content."""
        provider, uuid = self._fleet.provider_of(act.machine)
        if provider.uri.startswith("simulated"):
            files = await cast("Simulation", provider).files_at(uuid, act.snapshot)
            found = [files[name] for name in files if name == act.path or name.startswith(f"{act.path}/")]
            if not found:
                raise not_there(act.path, act.snapshot)
            return len(found), sum(map(len, found))
        async with self._looking.opened(act.machine, act.snapshot) as disk:
            entries = (await found_at(disk, act.path, act.snapshot)).values()
            return len(entries), sum(each.size for each in entries if each.is_file)

    def _refuse_silent(self, act: RestorePath) -> None:
        if not act.into:
            return
        machine = self._fleet.machine(act.into)
        if machine.state is not State.RUNNING or machine.agent is not AgentState.CONNECTED:
            what, following = absence(machine)
            raise problem(
                Code.AGENT_UNAVAILABLE,
                f"{machine.name} cannot be written to now.",
                why=f"{what.removesuffix('.')}.",
                next=f"{following} Or bring it to this host.",
            )
