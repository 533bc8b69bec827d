"""Delete a snapshot so that it can be brought back: it is hidden, and purged when its time is over."""

import time
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.snapshots.delete import deletion_of, descendants
from clonebox_tui.engine.snapshots.moment import Moment, SnapshotHandler
from clonebox_tui.model.acts import TrashSnapshot, UntrashSnapshots, tag
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import Context


class Trash(SnapshotHandler[TrashSnapshot]):
    """Hides one, or a branch."""

    async def plan(self, act: TrashSnapshot, context: Context | None) -> Plan:
        """What goes and what stays; SNAPSHOT_NOT_FOUND."""
        del context
        moment = await self.look_for_plan(act)
        moment.require(act.name)
        plan = deletion_of(act, moment, await self.steps(act, {}))
        until = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(self.hidden.until()))
        return replace(
            plan,
            reversible=True,
            undo=f"Bring it back: `clonebox-tui trash restore {moment.machine.name}/{act.name}`.",
            notes=(f"It is hidden until {until}, and takes its room until then.", *plan.notes),
        )

    async def steps(self, act: TrashSnapshot, memory: Mapping[str, object]) -> Sequence[Step]:
        """The one step."""
        del memory

        async def hide(run: StepRun) -> None:
            moment = await self.look(act.machine)
            names = _named(act, moment)
            await run.remember(snapshots=names)
            await self.hidden.hide(act.machine, names)

        async def show(run: StepRun) -> None:
            await self.hidden.show(act.machine, _remembered(run.memory))

        return [Step("hide", "Move it to the trash", hide, show)]

    async def result(self, act: TrashSnapshot, memory: Mapping[str, object]) -> dict[str, object]:
        """The machine, and all that were hidden, the one that was named first."""
        return {"machine": act.machine, "snapshot": act.name, "snapshots": _remembered(memory)}


class Untrash(SnapshotHandler[UntrashSnapshots]):
    """Shows them again."""

    async def plan(self, act: UntrashSnapshots, context: Context | None) -> Plan:
        """SNAPSHOT_NOT_FOUND where one was purged, or is not in the trash."""
        del context
        moment = await self.look_for_plan(act)
        kept = {each.name for each in moment.hidden}
        missing = [name for name in act.names if name not in kept]
        if missing or not act.names:
            raise problem(
                Code.SNAPSHOT_NOT_FOUND,
                f"{moment.machine.name} has no snapshot {', '.join(missing)} in the trash.",
                next="See what is in it: `clonebox-tui trash list`.",
                details=tuple(sorted(kept)),
            )
        machine = moment.machine
        return Plan(
            act=tag(act),
            title=f"Bring back {', '.join(act.names)} of {machine.name}",
            steps=tuple(step.planned() for step in await self.steps(act, {})),
            fingerprint=moment.fingerprint(),
            machine=machine.id,
            name=machine.name,
            undo="Delete it again.",
        )

    async def steps(self, act: UntrashSnapshots, memory: Mapping[str, object]) -> Sequence[Step]:
        """The one step."""
        del memory

        async def show(run: StepRun) -> None:
            await run.remember(snapshots=list(act.names))
            await self.hidden.show(act.machine, act.names)

        async def hide(run: StepRun) -> None:
            await self.hidden.hide(act.machine, _remembered(run.memory))

        return [Step("show", "Take it out of the trash", show, hide)]

    async def result(self, act: UntrashSnapshots, memory: Mapping[str, object]) -> dict[str, object]:
        """The machine and the snapshots."""
        del memory
        return {"machine": act.machine, "snapshots": list(act.names)}


def _named(act: TrashSnapshot, moment: Moment) -> list[str]:
    below = descendants(moment.snapshots, act.name) if act.children else ()
    return [moment.require(act.name).name, *below]


def _remembered(memory: Mapping[str, object]) -> list[str]:
    names = memory.get("snapshots")
    return [str(each) for each in names] if isinstance(names, list) else []
