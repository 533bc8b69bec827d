"""What the acts on snapshots share: the machine as it is now, its snapshots, and their fingerprint."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.snapshots.hidden import Hidden
from clonebox_tui.engine.snapshots.parking import Parking
from clonebox_tui.engine.snapshots.recorded import Recorded
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model import acts
from clonebox_tui.model.machine import AgentState, Machine, MachineDetails, State
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rules import why_not
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.providers.protocol import Provider

A = TypeVar(
    "A",
    bound=acts.CreateSnapshot
    | acts.RestoreSnapshot
    | acts.DeleteSnapshot
    | acts.TrashSnapshot
    | acts.UntrashSnapshots,
)
ALIVE = (State.RUNNING, State.PAUSED, State.STOPPING, State.SUSPENDED)


@dataclass(frozen=True)
class Moment:
    """A machine and its snapshots, read just now."""

    provider: Provider
    details: MachineDetails
    snapshots: tuple[Snapshot, ...]
    hidden: tuple[Snapshot, ...] = ()
    """Deleted ones, which are in the disk still."""

    @property
    def machine(self) -> Machine:
        """The row of the list."""
        return self.details.machine

    @property
    def alive(self) -> bool:
        """Whether there is memory that could be kept."""
        return self.machine.state in ALIVE

    def find(self, name: str) -> Snapshot | None:
        """The snapshot of this name."""
        return next((each for each in self.snapshots if each.name == name), None)

    def require(self, name: str) -> Snapshot:
        """The snapshot of this name; SNAPSHOT_NOT_FOUND names those there are."""
        found = self.find(name)
        if found is None:
            raise problem(
                Code.SNAPSHOT_NOT_FOUND,
                f"{self.machine.name} has no snapshot {name!r}.",
                next=f"List them: `clonebox-tui snapshot list {self.machine.name}`.",
                details=tuple(each.name for each in self.snapshots),
            )
        return found

    async def require_intact(self) -> None:
        """IMAGE_INVALID where a snapshot would keep, or wake up on, a disk that is not what it was."""
        if self.machine.connection.startswith("qemu:///"):
            from clonebox_tui.engine.intact import require_machine_intact

            await require_machine_intact(self.provider, self.details)

    def fingerprint(self) -> str:
        """Another one when the snapshots or the machine's state are others."""
        known = sorted((each.name, each.parent, each.current) for each in self.snapshots)
        text = repr((self.machine.uuid, self.machine.state.value, known))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


async def look(fleet: Fleet, machine: str, hidden: Hidden | None = None) -> Moment:
    """A machine and its snapshots now, all of them without `hidden`; MACHINE_NOT_FOUND, CONNECTION_FAILED."""
    provider, uuid = fleet.provider_of(machine)
    details, found = await provider.details(uuid), tuple(await provider.snapshots(uuid))
    if hidden is None:
        return Moment(provider, details, found)
    return Moment(provider, details, hidden.visible(machine, found), hidden.hidden(machine, found))


class SnapshotHandler(Generic[A]):
    """The common part of the handlers."""

    def __init__(
        self,
        fleet: Fleet,
        agent: Callable[[str], Agent],
        clock: Callable[[], float],
        hidden: Hidden | None = None,
        recorded: Recorded | None = None,
    ) -> None:
        self.hidden = hidden or Hidden()
        self.recorded = recorded or Recorded()
        self.fleet = fleet
        self.agent = agent
        self.clock = clock

    def lane(self, act: A) -> str:
        """One lane a machine."""
        return act.machine

    async def result(self, act: A, memory: Mapping[str, object]) -> dict[str, object]:
        """The machine and the snapshot."""
        del memory
        return {"machine": act.machine, "snapshot": getattr(act, "name", "")}

    async def look(self, machine: str) -> Moment:
        """The machine and its snapshots now; MACHINE_NOT_FOUND, CONNECTION_FAILED."""
        return await look(self.fleet, machine, self.hidden)

    async def settled(self, machine: str) -> Moment:
        """The same, once nothing goes on in the machine that a worker began before it died."""
        provider, uuid = self.fleet.provider_of(machine)
        await provider.settle(uuid)
        return await self.look(machine)

    async def look_for_plan(self, act: A) -> Moment:
        """The same; WRONG_STATE where the act cannot be done now."""
        moment = await self.look(act.machine)
        reason = why_not(acts.tag(act), moment.machine)
        if reason:
            raise problem(
                Code.WRONG_STATE,
                f"{moment.machine.name}: not now.",
                why=reason,
                next="Look at its state with `clonebox-tui show M`, and change that first.",
            )
        return moment

    async def note(self, moment: Moment, name: str, run: StepRun) -> None:
        """Have the guest tell what it is made of, for the snapshot that is taken next; where it can."""
        machine = moment.machine
        if machine.state is not State.RUNNING or machine.agent is not AgentState.CONNECTED:
            return
        others = [each.name for each in (*moment.snapshots, *moment.hidden)]
        await self.recorded.note(self.agent(machine.id), machine.id, name, others, self.clock(), run)

    async def drop(self, moment: Moment, name: str) -> None:
        """Delete a snapshot that no policy keeps any more, or whose job is undone."""
        await moment.provider.delete_snapshot(moment.machine.uuid, name, children=False)
        await self.recorded.forget(moment.machine.id, [name])

    def parking(self, act: A) -> Parking:
        """The shares of the act's machine."""
        provider, uuid = self.fleet.provider_of(act.machine)
        return Parking(provider, uuid, self.agent(act.machine))


def require_reachable_shares(moment: Moment) -> None:
    """AGENT_UNAVAILABLE when live shares are in the way and nobody in the guest can unmount them."""
    machine = moment.machine
    if not moment.alive or not moment.details.shares:
        return
    if machine.state is State.RUNNING and machine.agent is AgentState.CONNECTED:
        return
    raise problem(
        Code.AGENT_UNAVAILABLE,
        f"The shared folders of {machine.name} cannot be unmounted now.",
        why=f"It is {machine.state.value}, its guest agent is {machine.agent.value}; "
        "a machine's memory cannot be kept while folders are shared live.",
        next=next_without_agent(machine),
        details=tuple(share.guest or share.tag for share in moment.details.shares),
    )


def next_without_agent(machine: Machine) -> str:
    """What to do where the guest cannot help."""
    if machine.state is State.PAUSED:
        return "Resume it first, or stop or kill it: a machine that is off needs no help of its guest."
    return "Wait until it has booted, or stop or kill it: a machine that is off needs no help of its guest."


def share_notes(shares: Sequence[object]) -> tuple[str, ...]:
    """What a plan says about shares that will be parked."""
    if not shares:
        return ()
    return ("Shared folders are unmounted in the guest for these seconds; programs that use them block it.",)
