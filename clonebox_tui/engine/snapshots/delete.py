"""Delete a snapshot; what hangs below it stays unless that is asked for too."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.backing import chain, foreign_users, real_paths
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.snapshots.hidden import Hidden
from clonebox_tui.engine.snapshots.moment import Moment, SnapshotHandler, look
from clonebox_tui.engine.snapshots.recorded import Recorded
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.acts import DeleteSnapshot, TrashSnapshot, tag
from clonebox_tui.model.places import Places
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.snapshot import Snapshot, Storage


class Delete(SnapshotHandler[DeleteSnapshot]):
    """Deletes one, or a branch."""

    def __init__(
        self,
        fleet: Fleet,
        agent: Callable[[str], Agent],
        clock: Callable[[], float],
        places: Places | None,
        hidden: Hidden,
        recorded: Recorded,
    ) -> None:
        super().__init__(fleet, agent, clock, hidden, recorded)
        self._places = places

    async def look(self, machine: str) -> Moment:
        """With those in the trash: they are deleted for good by this."""
        return await look(self.fleet, machine)

    async def plan(self, act: DeleteSnapshot, context: Context | None) -> Plan:
        """What goes and what stays; SNAPSHOT_NOT_FOUND."""
        del context
        moment = await self.look_for_plan(act)
        moment.require(act.name)
        below = descendants(moment.snapshots, act.name)
        await self._refuse_needed(moment, (act.name, *below) if act.children else (act.name,))
        return deletion_of(act, moment, await self.steps(act, {}))

    async def _refuse_needed(self, moment: Moment, names: Sequence[str]) -> None:
        """IMAGE_IN_USE where an external one's file would be written into while others stand on it."""
        external = [each.name for each in moment.snapshots if each.storage is Storage.EXTERNAL]
        elsewhere = is_remote(moment.machine.connection)
        if self._places is None or elsewhere or not set(external) & set(names):
            return
        uuid = moment.machine.uuid
        kept = {disk.path for name in external for disk in await moment.provider.disks_at(uuid, name)}
        frozen = {*(await real_paths(kept)).values()}
        layers = {*(await real_paths(disk.path for disk in moment.details.disks if disk.path)).values()}
        files = {link for path in layers | frozen for link in await chain(path)}
        # What lies below all of them is the base: libvirt merges layers, it never writes into that.
        merged = {link for link in files if link in frozen | layers or await self._above(link, frozen)}
        needed = await foreign_users(self.fleet, self._places, moment.machine.id, merged)
        if needed:
            raise problem(
                Code.IMAGE_IN_USE,
                f"{', '.join(set(external) & set(names))} of {moment.machine.name} cannot be deleted.",
                why="Its files would be merged, and other disks stand on them.",
                next="Delete those machines first.",
                details=tuple(f"{path} ← {', '.join(users)}" for path, users in needed.items()),
            )

    async def _above(self, link: str, frozen: set[str]) -> bool:
        return bool(set((await chain(link))[1:]) & frozen)

    async def steps(self, act: DeleteSnapshot, memory: Mapping[str, object]) -> Sequence[Step]:
        """The one step."""
        del memory
        provider, uuid = self.fleet.provider_of(act.machine)
        operation = "delete_snapshot"
        call = provider.explain(operation, self.fleet.machine(act.machine).name, act.name)
        if act.children:
            call = provider.explain(f"{operation}:children", self.fleet.machine(act.machine).name, act.name)

        async def delete(run: StepRun) -> None:
            await provider.settle(uuid)
            moment = await self.look(act.machine)
            if "names" not in run.memory:
                name = moment.require(act.name).name
                below = descendants(moment.snapshots, name) if act.children else ()
                await run.remember(names=[name, *below])
            if moment.find(act.name) is not None:  # else a worker that died came so far
                await provider.delete_snapshot(uuid, act.name, act.children)
            names = msgspec.convert(run.memory["names"], tuple[str, ...])
            await self.hidden.show(act.machine, names)
            await self.recorded.forget(act.machine, names)

        return [
            Step(
                "delete",
                "Delete the snapshot",
                delete,
                call=call.call,
                equivalent=call.equivalent,
                final=True,
            )
        ]


def deletion_of(act: DeleteSnapshot | TrashSnapshot, moment: Moment, steps: Sequence[Step]) -> Plan:
    """What goes and what stays, where it goes for good."""
    machine = moment.machine
    below = ", ".join(descendants(moment.snapshots, act.name))
    return Plan(
        act=tag(act),
        title=f"Delete snapshot {act.name} of {machine.name}",
        steps=tuple(step.planned() for step in steps),
        fingerprint=moment.fingerprint(),
        machine=machine.id,
        name=machine.name,
        destructive=True,
        reversible=False,
        undo="It cannot be undone: the state it kept is gone. The machine itself is not touched.",
        warnings=(f"These go too: {below}.",) if below and act.children else (),
        notes=(f"These stay: {below}.",) if below and not act.children else (),
    )


def descendants(snapshots: Sequence[Snapshot], name: str) -> tuple[str, ...]:
    """Names of all snapshots below `name`, parents first, each generation oldest first."""
    children: dict[str, list[str]] = {}
    for each in sorted(snapshots, key=lambda snapshot: (snapshot.created_at, snapshot.name)):
        children.setdefault(each.parent, []).append(each.name)
    # By their parents alone: several may be of one second, and a clock may have gone back.
    below = [name]
    for parent in below:
        below += children.get(parent, [])
    return tuple(below[1:])
