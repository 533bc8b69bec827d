"""A simulated machine with shares, and the acts on its snapshots."""

from collections.abc import Callable, Sequence

from clonebox_tui.engine.act import Step
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.snapshots.handlers import snapshots
from clonebox_tui.engine.snapshots.parking import Parking
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import run as run_in_guest
from clonebox_tui.model.acts import CreateSnapshot, DeleteSnapshot, RestoreSnapshot
from clonebox_tui.model.machine import AgentState, Machine, Share
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from tests.engine.test_lifecycle import Notes
from tests.fixtures.virtual_time import wall_clock

SHARES = (
    Share("/home/me/a b", "/home/me/a b", "s0", "virtiofs"),
    Share("/home/me/a b/deep", "/home/me/a b/deep", "s1", "9p"),
)
SPEC = MachineSpec(
    name="web",
    uuid="5f1c6b0e-0000-4000-8000-000000000002",
    vcpus=1,
    memory_bytes=256 * 1024**2,
    accelerator="tcg",
    disk_path="/nowhere/web.qcow2",
    mac="52:54:00:00:00:03",
    shares=SHARES,
)
Act = CreateSnapshot | RestoreSnapshot | DeleteSnapshot


class Bench:
    """A simulated machine with two shares, and the handlers."""

    def __init__(self, fleet: Fleet, machine: Machine) -> None:
        self.fleet = fleet
        self.machine = machine.id
        self.provider, self.uuid = fleet.provider_of(machine.id)
        self.agent = Agent(self.provider, self.uuid)
        self.handlers = snapshots(fleet, lambda _machine: self.agent, wall_clock)

    async def plan(self, act: Act) -> Plan:
        return await self.handlers[type(act)].plan(act, None)

    async def steps(self, act: Act) -> Sequence[Step]:
        return await self.handlers[type(act)].steps(act, {})

    async def do(self, act: Act, notes: Notes | None = None) -> dict[str, object]:
        """Plan and do all steps; at a failure undo what began, last first, as a job does."""
        notes = notes or Notes()
        await self.plan(act)
        begun: list[Step] = []
        for step in await self.steps(act):
            begun.append(step)
            try:
                await step.do(notes)
            except ProblemError:
                for each in reversed(begun):
                    await each.undo(notes)
                raise
        return await self.handlers[type(act)].result(act, notes.memory)

    async def guest(self, script: str) -> str:
        return (await run_in_guest(self.agent, ["sh", "-c", script])).text

    async def mounted(self) -> list[str]:
        return [mount.path for mount in await Parking(self.provider, self.uuid, self.agent).mounted(SHARES)]

    async def snapshots(self) -> dict[str, Snapshot]:
        return {each.name: each for each in await self.provider.snapshots(self.uuid)}


async def snapshot_bench(faults: str = "", started: bool = True) -> Bench:
    fleet = Fleet(lambda uri: SimulatedProvider(uri, wall_clock), wall_clock)
    fleet.add(f"simulated://demo?machines=1{faults}")
    assert await fleet.opened(60)
    machine = await fleet.providers[0].define(SPEC)
    fleet.machine_changed(machine)
    bench = Bench(fleet, machine)
    if started:
        await bench.provider.start(bench.uuid)
        connected = agent_is(AgentState.CONNECTED)
        assert await fleet.wait_until(machine.id, connected, 60)
    return bench


def agent_is(state: AgentState) -> Callable[[Machine | None], bool]:
    return lambda machine: machine is not None and machine.agent is state
