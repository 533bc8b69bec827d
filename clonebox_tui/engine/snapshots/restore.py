"""Go back to a snapshot, by way of a safety snapshot that makes it possible to come back again."""

import time
from collections.abc import Mapping, Sequence

import msgspec

from clonebox_tui.engine.act import Step, StepRun
from clonebox_tui.engine.snapshots import room
from clonebox_tui.engine.snapshots.moment import Moment, SnapshotHandler, require_reachable_shares
from clonebox_tui.engine.snapshots.parking import expected, parked, refuse_lacks
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.acts import RestoreSnapshot, tag
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import AgentState, Machine, State
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.rpc import Context
from clonebox_tui.model.snapshot import SAFETY_PREFIX, Snapshot, Storage
from clonebox_tui.providers.protocol import Call

SAFETY_KEPT = 3
AGENT_SECONDS = 60.0
"""How long the guest's agent may take to answer after a restore; without it the rest is left undone."""
CLOCK_SECONDS = 5.0
"""A guest's clock that is nearer than this is right."""


class Course(msgspec.Struct, frozen=True):
    """Which steps a restore has; remembered, since the world is another one after a crash."""

    parks: bool
    wakes: bool
    """The snapshot has memory: the machine runs afterwards."""
    shares: bool
    prunes: bool = False
    """An old safety snapshot goes for the new one."""


class Restore(SnapshotHandler[RestoreSnapshot]):
    """Goes back."""

    async def plan(self, act: RestoreSnapshot, context: Context | None) -> Plan:
        """What is lost and how to come back; SNAPSHOT_NOT_FOUND, NOT_SUPPORTED, AGENT_UNAVAILABLE,
        DISK_FULL, IMAGE_INVALID."""
        del context
        moment = await self.look_for_plan(act)
        target = moment.require(act.name)
        _refuse_beside_the_disk(moment, target)
        require_reachable_shares(moment)
        await moment.require_intact()
        room.require_room(moment)
        machine = moment.machine
        return Plan(
            act=tag(act),
            title=f"Restore {machine.name} to {act.name}",
            steps=tuple(step.planned() for step in self._steps(act, _course(moment, target))),
            fingerprint=moment.fingerprint(),
            machine=machine.id,
            name=machine.name,
            bytes_needed=room.memory_needed(moment),
            downtime_seconds=10.0 if moment.alive else None,
            destructive=True,
            undo="Restore the safety snapshot that is taken first.",
            warnings=_warnings(moment, target),
            notes=(
                "No snapshot is lost: the tree stays, and what comes next is a new branch.",
                f"A safety snapshot is taken first; the last {SAFETY_KEPT} of them are kept.",
            ),
        )

    async def steps(self, act: RestoreSnapshot, memory: Mapping[str, object]) -> Sequence[Step]:
        """Park, keep the present, go back, then clock and shares of the guest that woke up."""
        if "course" in memory:
            return self._steps(act, msgspec.convert(memory["course"], Course))
        moment = await self.look(act.machine)
        return self._steps(act, _course(moment, moment.require(act.name)))

    async def result(self, act: RestoreSnapshot, memory: Mapping[str, object]) -> dict[str, object]:
        """The safety snapshot, and the shares that could not be mounted again."""
        return {
            "machine": act.machine,
            "snapshot": act.name,
            "safety": memory.get("safety", ""),
            "not_mounted": memory.get("not_mounted", []),
        }

    def _steps(self, act: RestoreSnapshot, course: Course) -> Sequence[Step]:
        provider, _ = self.fleet.provider_of(act.machine)
        name = self.fleet.machine(act.machine).name

        async def park(run: StepRun) -> None:
            await run.remember(course=msgspec.to_builtins(course))
            await self.parking(act).park(run)

        async def undo_park(run: StepRun) -> None:
            if run.memory.get("parking"):
                refuse_lacks(await self.parking(act).unpark(run, parked(run)), name)

        work = _Restoring(self, act, course)
        out = provider.explain("detach_share", name)
        some = f"{SAFETY_PREFIX}YYYYmmdd-HHMMSS"
        keep = provider.explain("create_snapshot", name, some)
        old = provider.explain("delete_snapshot", name, some) if course.prunes else Call("")
        back = provider.explain("restore_snapshot", name, act.name)
        into = provider.explain("attach_share", name)
        first = [Step("park", "Unmount the shared folders", park, undo_park, out.call, out.equivalent)]
        clock = [Step("clock", "Set the guest's clock", work.set_clock, call="guest-set-time")]
        mount = Step(
            "unpark", "Mount the shared folders", work.unpark, call=into.call, equivalent=into.equivalent
        )
        return [
            *(first if course.parks else []),
            Step("safety", "Keep the present state", work.keep, work.undo_keep, keep.call, keep.equivalent),
            Step("restore", "Go back", work.go_back, work.undo_go_back, back.call, back.equivalent),
            *(clock if course.wakes else []),
            *([mount] if course.wakes and course.shares else []),
            Step(
                "tidy",
                f"Keep the last {SAFETY_KEPT} safety snapshots",
                work.tidy,
                call=old.call,
                equivalent=old.equivalent,
            ),
        ]


class _Restoring:
    """The steps of one restore."""

    def __init__(self, handler: Restore, act: RestoreSnapshot, course: Course) -> None:
        self._handler = handler
        self._act = act
        self._course = course

    async def keep(self, run: StepRun) -> None:
        """Take the safety snapshot."""
        moment = await self._look()
        moment.require(self._act.name)
        name = _free_name(moment, self._handler.clock())
        await run.remember(safety=name, course=msgspec.to_builtins(self._course))
        await self._handler.note(moment, name, run)
        run.progress("keeping the present state")
        description = f"before restoring {self._act.name}"
        await room.take(moment, name, description, memory=moment.alive, safety=True)
        run.log(f"Kept the present state as {name}.")

    async def undo_keep(self, run: StepRun) -> None:
        """Delete it: the machine is again, or still, as it was."""
        name = str(run.memory.get("safety", ""))
        moment = await self._handler.settled(self._act.machine)
        if name and moment.find(name) is not None:
            await self._handler.drop(moment, name)

    async def go_back(self, run: StepRun) -> None:
        """Restore."""
        moment = await self._look()
        # A revert brings back the labels of its time; who dies in it has not written these back yet.
        await run.remember(restoring=True, labels=msgspec.to_builtins(moment.machine.labels))
        run.progress("going back")
        await moment.provider.restore_snapshot(moment.machine.uuid, self._act.name)
        run.log(f"Went back to {self._act.name}.")

    async def undo_go_back(self, run: StepRun) -> None:
        """Come back by the safety snapshot."""
        moment = await self._handler.settled(self._act.machine)
        safety = moment.find(str(run.memory.get("safety", "")))
        if run.memory.get("restoring") and safety is not None:
            await moment.provider.restore_snapshot(moment.machine.uuid, safety.name)
            if "labels" in run.memory:
                labels = msgspec.convert(run.memory["labels"], Labels)
                await moment.provider.write_labels(moment.machine.uuid, labels)
            if safety.memory and moment.machine.agent is not AgentState.ABSENT:
                await self._agent_after(AGENT_SECONDS)

    async def set_clock(self, run: StepRun) -> None:
        """The guest woke up in the past; a guest without an agent keeps its time."""
        agent = await self._agent(run, "the guest's clock was not set")
        if agent is not None:
            await self._set_clock(agent, run)

    async def _set_clock(self, agent: Agent, run: StepRun) -> None:
        try:
            await agent.command("guest-set-time", time=int(self._handler.clock() * 1e9))
        except ProblemError:
            # The agent refuses where the guest has no /sbin/hwclock, as Debian's minimal systems.
            await execution.run(agent, ["date", "-u", "-s", f"@{int(self._handler.clock())}"])
        guest_ns = await agent.ask(int, "guest-get-time")
        behind = self._handler.clock() - guest_ns / 1e9
        if abs(behind) > CLOCK_SECONDS:
            run.log(f"The guest's clock could not be set: it is {behind:.0f} s behind.")

    async def unpark(self, run: StepRun) -> None:
        """Shares were parked when the snapshot was taken: mount them all. A lack is told, not undone."""
        moment = await self._look()
        mounts = expected(moment.details, parked(run))
        if not mounts or await self._agent(run, "the shared folders were not mounted") is None:
            return
        lacks = await self._handler.parking(self._act).unpark(run, mounts)
        await run.remember(not_mounted=list(lacks))
        for lack in lacks:
            run.log(f"Not mounted: {lack}")

    async def tidy(self, run: StepRun) -> None:
        """Delete safety snapshots beyond the last ones, never the one that was asked for."""
        moment = await self._look()
        for old in outlived(moment.snapshots, self._act.name):
            await self._handler.drop(moment, old.name)
            run.log(f"Deleted the old safety snapshot {old.name}.")

    async def _look(self) -> Moment:
        return await self._handler.look(self._act.machine)

    async def _agent(self, run: StepRun, otherwise: str) -> Agent | None:
        moment = await self._look()
        if moment.machine.state is not State.RUNNING or moment.machine.agent is AgentState.ABSENT:
            return None
        run.progress("waiting for the guest agent")
        if not await self._agent_after(0.0 if run.memory.get("agent_silent") else AGENT_SECONDS):
            await run.remember(agent_silent=True)
            run.log(f"The guest agent does not answer: {otherwise}.")
            return None
        return self._handler.agent(self._act.machine)

    async def _agent_after(self, seconds: float) -> bool:
        def answers(machine: Machine | None) -> bool:
            return machine is not None and machine.agent is AgentState.CONNECTED

        return await self._handler.fleet.wait_until(self._act.machine, answers, seconds)


def outlived(snapshots: Sequence[Snapshot], target: str) -> tuple[Snapshot, ...]:
    """The safety snapshots that need not be kept, oldest first."""
    safety = sorted(
        (each for each in snapshots if each.safety), key=lambda each: (each.created_at, each.name)
    )
    return tuple(each for each in safety[:-SAFETY_KEPT] if each.name != target)


def _refuse_beside_the_disk(moment: Moment, target: Snapshot) -> None:
    """Before a safety snapshot is taken in vain."""
    if target.storage is Storage.EXTERNAL:
        raise problem(
            Code.NOT_SUPPORTED,
            f"{moment.machine.name} cannot go back to {target.name!r}.",
            why="Its data lies in files beside the disk, and libvirt 9 cannot revert to such a snapshot.",
            next=f"Make a machine of it: `clonebox-tui fork {moment.machine.name} {target.name} --name NEW`; "
            "or go back to an internal snapshot.",
        )


def _course(moment: Moment, target: Snapshot) -> Course:
    shares, safety = bool(moment.details.shares), sum(each.safety for each in moment.snapshots)
    prunes = safety >= SAFETY_KEPT
    return Course(parks=moment.alive and shares, wakes=target.memory, shares=shares, prunes=prunes)


def _free_name(moment: Moment, now: float) -> str:
    while True:
        name = time.strftime(f"{SAFETY_PREFIX}%Y%m%d-%H%M%S", time.gmtime(now))
        if moment.find(name) is None:
            return name
        now += 1


def _warnings(moment: Moment, target: Snapshot) -> tuple[str, ...]:
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(target.created_at))
    found = [f"What changed in the machine since {since} is gone, but for the safety snapshot."]
    if moment.alive and not target.memory:
        found.append("The snapshot was taken of a machine that was off: it will be off afterwards.")
    if moment.details.shares:
        folders = ", ".join(share.guest or share.tag for share in moment.details.shares)
        found.append(f"Files in live shared folders are not rolled back: {folders}.")
    return tuple(found)
