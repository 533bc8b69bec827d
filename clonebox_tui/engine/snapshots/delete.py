"""Delete a snapshot; what hangs below it stays unless that is asked for too."""

from collections.abc import Mapping, Sequence

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.snapshots.moment import SnapshotHandler
from clonebox_tui.model.acts import DeleteSnapshot, tag
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.snapshot import Snapshot


class Delete(SnapshotHandler[DeleteSnapshot]):
    """Deletes one, or a branch."""

    async def plan(self, act: DeleteSnapshot, context: Context | None) -> Plan:
        """What goes and what stays; SNAPSHOT_NOT_FOUND."""
        del context
        moment = await self.look_for_plan(act)
        moment.require(act.name)
        below = descendants(moment.snapshots, act.name)
        machine = moment.machine
        return Plan(
            act=tag(act),
            title=f"Delete snapshot {act.name} of {machine.name}",
            steps=tuple(step.planned() for step in await self.steps(act, {})),
            fingerprint=moment.fingerprint(),
            machine=machine.id,
            name=machine.name,
            destructive=True,
            reversible=False,
            undo="It cannot be: the state it kept is gone. The machine itself is not touched.",
            warnings=(f"These go too: {', '.join(below)}.",) if act.children and below else (),
            notes=(f"These stay: {', '.join(below)}.",) if below and not act.children else (),
        )

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
            if run.memory.get("deleting") and (await self.look(act.machine)).find(act.name) is None:
                return  # a worker that died came so far
            await run.remember(deleting=True)
            await provider.delete_snapshot(uuid, act.name, act.children)

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


def descendants(snapshots: Sequence[Snapshot], name: str) -> tuple[str, ...]:
    """Names of all snapshots below `name`, oldest first."""
    below = {name}
    for each in sorted(snapshots, key=lambda snapshot: snapshot.created_at):
        if each.parent in below:
            below.add(each.name)
    return tuple(each.name for each in snapshots if each.name in below and each.name != name)
