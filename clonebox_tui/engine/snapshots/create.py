"""Take a snapshot: park the shares, keep disk and memory, bring the shares back."""

import shlex
from collections.abc import Mapping, Sequence

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.snapshots import room
from clonebox_tui.engine.snapshots.moment import (
    Moment,
    SnapshotHandler,
    require_reachable_shares,
    share_notes,
)
from clonebox_tui.engine.snapshots.parking import parked, refuse_lacks
from clonebox_tui.guest import execution
from clonebox_tui.model.acts import CreateSnapshot, tag
from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.machine import AgentState, State
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.snapshot import why_not_name
from clonebox_tui.providers.protocol import Capability

SYNC_SECONDS = 60.0
LINE_CELLS = 200
"""A longer description is left out of the line that is told for virsh."""
SECONDS_PER_GIBIBYTE = 8.0
"""How long saving memory holds the guest up, roughly: 0.3-3.5 s were measured for 256 MiB."""


class Create(SnapshotHandler[CreateSnapshot]):
    """Takes one."""

    async def plan(self, act: CreateSnapshot, context: Context | None) -> Plan:
        """What is kept; NAME_INVALID, NAME_TAKEN, NOT_SUPPORTED, AGENT_UNAVAILABLE, DISK_FULL,
        IMAGE_INVALID."""
        del context
        moment = await self.look_for_plan(act)
        self._check(act, moment)
        await moment.require_intact()
        room.require_room(moment)
        needed = room.memory_needed(moment)
        machine = moment.machine
        return Plan(
            act=tag(act),
            title=f"Take snapshot {act.name} of {machine.name}",
            steps=tuple(step.planned() for step in self._steps_at(act, moment)),
            fingerprint=moment.fingerprint(),
            machine=machine.id,
            name=machine.name,
            bytes_needed=needed,
            downtime_seconds=1 + SECONDS_PER_GIBIBYTE * needed / GIBIBYTE if moment.alive else None,
            undo="Delete the snapshot.",
            notes=(
                f"Memory takes at most {needed / GIBIBYTE:.1f} GiB; the guest stands still while it is saved."
                if moment.alive
                else "The machine is off: its disk is kept.",
                *share_notes(moment.details.shares if moment.alive else ()),
            ),
        )

    def _check(self, act: CreateSnapshot, moment: Moment) -> None:
        reason = why_not_name(act.name)
        if reason:
            what = f"A snapshot cannot be named {act.name!r}."
            raise problem(Code.NAME_INVALID, what, why=reason, next="Choose another name.")
        if moment.find(act.name) is not None:
            raise problem(
                Code.NAME_TAKEN,
                f"{moment.machine.name} has a snapshot {act.name!r} already.",
                next="Choose another name, or delete that one first.",
            )
        if any(each.name == act.name for each in moment.hidden):
            raise problem(
                Code.NAME_TAKEN,
                f"{moment.machine.name} has a snapshot {act.name!r} in the trash.",
                next=f"Choose another name, or `clonebox-tui trash purge {moment.machine.name}/{act.name}`.",
            )
        if not moment.alive:
            return
        if not act.memory and Capability.LIVE_DISK_SNAPSHOTS not in moment.provider.connection.capabilities:
            raise problem(
                Code.NOT_SUPPORTED,
                f"{moment.machine.name} runs: its disk alone cannot be kept.",
                why="libvirt would put it into a file beside the disk and could never go back to it.",
                next="Take the snapshot with memory, or stop the machine first.",
            )
        if act.settle and moment.machine.agent is not AgentState.CONNECTED:
            raise problem(
                Code.AGENT_UNAVAILABLE,
                f"The guest of {moment.machine.name} cannot be asked to write out first.",
                why=f"Its agent is {moment.machine.agent.value}.",
                next="Wait for it, or take the snapshot without that.",
            )
        if act.memory:
            require_reachable_shares(moment)

    async def steps(self, act: CreateSnapshot, memory: Mapping[str, object]) -> Sequence[Step]:
        """Park, take, bring back; without live shares only the second."""
        if memory:
            return self._steps(act, bool(memory.get("parking")))
        moment = await self.look(act.machine)
        return self._steps_at(act, moment)

    def _steps_at(self, act: CreateSnapshot, moment: Moment) -> Sequence[Step]:
        settles = act.settle and moment.machine.state is State.RUNNING
        return self._steps(act, moment.alive and _shares(moment), settles)

    def _steps(self, act: CreateSnapshot, parking: bool, settles: bool = False) -> Sequence[Step]:
        provider, _ = self.fleet.provider_of(act.machine)
        name = self.fleet.machine(act.machine).name

        async def park(run: StepRun) -> None:
            await self.parking(act).park(run)

        async def bring_back(run: StepRun) -> None:
            refuse_lacks(await self.parking(act).unpark(run, parked(run)), name)

        async def undo_park(run: StepRun) -> None:
            if run.memory.get("parking"):
                await bring_back(run)

        async def take(run: StepRun) -> None:
            await self._take(act, run, parking)

        async def undo_take(run: StepRun) -> None:
            await self._delete(act, run)

        call = provider.explain("create_snapshot", name, act.name)
        done = f"guest-exec sync; {call.call}" if settles else call.call
        like = _described(call.equivalent, act.description)
        taken = Step("take", "Take the snapshot", take, undo_take, done, like)
        if not parking:
            return [taken]
        out, back = (provider.explain(each, name) for each in ("detach_share", "attach_share"))
        return [
            Step("park", "Unmount the shared folders", park, undo_park, out.call, out.equivalent),
            taken,
            Step(
                "unpark",
                "Mount the shared folders again",
                bring_back,
                call=back.call,
                equivalent=back.equivalent,
            ),
        ]

    async def _take(self, act: CreateSnapshot, run: StepRun, parking: bool) -> None:
        moment = await self.look(act.machine)
        if moment.find(act.name) is not None:
            raise problem(
                Code.NAME_TAKEN,
                f"{moment.machine.name} has a snapshot {act.name!r} by now.",
                next="Choose another name, or delete that one first.",
            )
        # Only what this job made may be deleted by its undo.
        await run.remember(taking=act.name, parking=parking)
        if act.settle and moment.machine.state is State.RUNNING:
            run.progress("the guest writes everything to its disk")
            await self._settle_guest(act, run)
        await self.note(moment, act.name, run)
        run.progress("saving")
        memory = moment.alive and act.memory
        await room.take(moment, act.name, act.description, memory=memory, safety=False)

    async def _settle_guest(self, act: CreateSnapshot, run: StepRun) -> None:
        try:
            await execution.run(self.agent(act.machine), ["sync"], timeout_seconds=SYNC_SECONDS)
        except ProblemError as error:
            run.log(f"The guest was not asked to write out: {error.problem.what}")

    async def _delete(self, act: CreateSnapshot, run: StepRun) -> None:
        if run.memory.get("taking") != act.name:
            return
        moment = await self.settled(act.machine)
        if moment.find(act.name) is not None:
            await self.drop(moment, act.name)
            run.log(f"Deleted the snapshot {act.name}.")


def _described(line: str, description: str) -> str:
    """virsh's line with the description, where that is one line which can be read and copied."""
    fits = bool(line and description) and description.isprintable() and len(description) <= LINE_CELLS
    return f"{line} --description {shlex.quote(description)}" if fits else line


def _shares(moment: Moment) -> bool:
    return bool(moment.details.shares)
