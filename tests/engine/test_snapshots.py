"""Snapshots by their acts: shares leave and come back, a restore can be taken back, plans tell."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec
import pytest

from clonebox_tui.engine.act import Step
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.snapshots import snapshots
from clonebox_tui.engine.snapshots.parking import Parking
from clonebox_tui.engine.snapshots.restore import outlived
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import run as run_in_guest
from clonebox_tui.model.acts import CreateSnapshot, DeleteSnapshot, RestoreSnapshot
from clonebox_tui.model.machine import AgentState, Machine, Share, State
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.simulated.provider import SimulatedProvider
from tests.engine.test_lifecycle import Notes
from tests.fixtures.virtual_time import in_virtual_time, wall_clock

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


async def _bench(faults: str = "", started: bool = True) -> Bench:
    fleet = Fleet(lambda uri: SimulatedProvider(uri, wall_clock), wall_clock)
    fleet.add(f"simulated://demo?machines=1{faults}")
    assert await fleet.opened(60)
    machine = await fleet.providers[0].define(SPEC)
    fleet.machine_changed(machine)
    bench = Bench(fleet, machine)
    if started:
        await bench.provider.start(bench.uuid)
        connected = _agent_is(AgentState.CONNECTED)
        assert await fleet.wait_until(machine.id, connected, 60)
    return bench


def _agent_is(state: AgentState) -> Callable[[Machine | None], bool]:
    return lambda machine: machine is not None and machine.agent is state


@in_virtual_time
async def test_shares_are_out_while_a_snapshot_is_taken_and_back_afterwards() -> None:
    bench, notes = await _bench(), Notes()
    act = CreateSnapshot(bench.machine, "one", "words")
    park, take, unpark = await bench.steps(act)
    await park.do(notes)
    assert await bench.mounted() == []
    assert notes.lines == ["Unmounted /home/me/a b/deep.", "Unmounted /home/me/a b."]
    await take.do(notes)
    await unpark.do(notes)
    assert await bench.mounted() == ["/home/me/a b", "/home/me/a b/deep"]
    one = (await bench.snapshots())["one"]
    assert (one.memory, one.description) == (True, "words")


@in_virtual_time
async def test_only_shares_that_were_mounted_are_mounted_again() -> None:
    bench = await _bench()
    await bench.guest("umount '/home/me/a b/deep'")
    await bench.do(CreateSnapshot(bench.machine, "one"))
    assert await bench.mounted() == ["/home/me/a b"]


@in_virtual_time
async def test_a_snapshot_that_fails_brings_the_shares_back() -> None:
    bench = await _bench("&fail=create_snapshot")
    with pytest.raises(ProblemError):
        await bench.do(CreateSnapshot(bench.machine, "one"))
    assert await bench.mounted() == ["/home/me/a b", "/home/me/a b/deep"]
    assert await bench.snapshots() == {}


@in_virtual_time
async def test_the_undo_deletes_what_the_job_made_and_nothing_else() -> None:
    bench, notes = await _bench(started=False), Notes()
    act = CreateSnapshot(bench.machine, "one")
    (take,) = await bench.steps(act)
    await bench.provider.create_snapshot(bench.uuid, "one", "somebody else's", False, False)
    with pytest.raises(ProblemError) as taken:
        await take.do(notes)
    assert taken.value.problem.code is Code.NAME_TAKEN
    await take.undo(notes)
    assert list(await bench.snapshots()) == ["one"]
    own = Notes()
    (take,) = await bench.steps(CreateSnapshot(bench.machine, "two"))
    await take.do(own)
    await take.undo(own)
    assert list(await bench.snapshots()) == ["one"]


@in_virtual_time
async def test_a_restore_brings_back_and_can_be_taken_back() -> None:
    bench = await _bench()
    await bench.guest("echo before > /root/mark")
    await bench.do(CreateSnapshot(bench.machine, "one"))
    await bench.guest("echo after > /root/mark")
    result = await bench.do(RestoreSnapshot(bench.machine, "one"))
    assert await bench.guest("cat /root/mark") == "before\n"
    assert await bench.mounted() == ["/home/me/a b", "/home/me/a b/deep"]
    safety = str(result["safety"])
    assert result["not_mounted"] == []
    found = (await bench.snapshots())[safety]
    assert (found.safety, found.description) == (True, "before restoring one")
    await bench.do(RestoreSnapshot(bench.machine, safety))
    assert await bench.guest("cat /root/mark") == "after\n"


@in_virtual_time
async def test_a_restore_that_fails_leaves_all_as_it_was() -> None:
    bench = await _bench("&fail=restore_snapshot:nobody")
    await bench.do(CreateSnapshot(bench.machine, "one"))
    await bench.guest("echo after > /root/mark")
    notes = Notes()
    steps = {step.name: step for step in await bench.steps(RestoreSnapshot(bench.machine, "one"))}
    for name in ("park", "safety", "restore"):
        await steps[name].do(notes)
    for name in ("restore", "safety", "park"):
        await steps[name].undo(notes)
    assert await bench.guest("cat /root/mark") == "after\n"
    assert await bench.mounted() == ["/home/me/a b", "/home/me/a b/deep"]
    assert list(await bench.snapshots()) == ["one"]


@in_virtual_time
async def test_three_safety_snapshots_are_kept() -> None:
    bench = await _bench(started=False)
    await bench.do(CreateSnapshot(bench.machine, "one"))
    made: list[str] = []
    for _ in range(5):
        made.append(str((await bench.do(RestoreSnapshot(bench.machine, "one")))["safety"]))
        await asyncio.sleep(2)
    assert set(await bench.snapshots()) == {"one", *made[-3:]}


def test_a_safety_snapshot_somebody_goes_back_to_is_kept() -> None:
    found = [Snapshot(f"safety-{at}", float(at), safety=True) for at in range(5)]
    assert [each.name for each in outlived(found, "safety-0")] == ["safety-1"]


@in_virtual_time
async def test_a_restore_plan_says_what_is_lost_and_how_to_come_back() -> None:
    bench = await _bench()
    await bench.do(CreateSnapshot(bench.machine, "one"))
    plan = await bench.plan(RestoreSnapshot(bench.machine, "one"))
    assert plan.destructive
    assert plan.reversible
    assert "safety snapshot" in plan.undo
    assert any("/home/me/a b/deep" in warning and "not rolled back" in warning for warning in plan.warnings)
    assert [step.name for step in plan.steps] == ["park", "safety", "restore", "clock", "unpark", "tidy"]
    assert "snapshot-revert" in plan.steps[2].equivalent


@in_virtual_time
async def test_a_restore_of_a_machine_that_was_off_wakes_nobody() -> None:
    bench = await _bench(started=False)
    await bench.do(CreateSnapshot(bench.machine, "one"))
    plan = await bench.plan(RestoreSnapshot(bench.machine, "one"))
    assert [step.name for step in plan.steps] == ["safety", "restore", "tidy"]


@in_virtual_time
async def test_the_steps_are_the_same_after_a_crash() -> None:
    bench, notes = await _bench(), Notes()
    await bench.do(CreateSnapshot(bench.machine, "one"))
    act = RestoreSnapshot(bench.machine, "one")
    steps = await bench.steps(act)
    await steps[0].do(notes)
    await bench.provider.kill(bench.uuid)
    again = await bench.handlers[RestoreSnapshot].steps(act, notes.memory)
    assert [step.name for step in again] == [step.name for step in steps]


@in_virtual_time
async def test_a_plan_is_another_one_once_the_snapshots_are() -> None:
    bench = await _bench(started=False)
    await bench.do(CreateSnapshot(bench.machine, "zero"))
    act = DeleteSnapshot(bench.machine, "zero")
    before = (await bench.plan(act)).fingerprint
    assert (await bench.plan(act)).fingerprint == before
    await bench.do(CreateSnapshot(bench.machine, "one"))
    after = (await bench.plan(act)).fingerprint
    assert after != before
    await bench.provider.start(bench.uuid)
    assert await bench.fleet.wait_until(
        bench.machine, lambda machine: machine is not None and machine.state is State.RUNNING, 60
    )
    assert (await bench.plan(act)).fingerprint != after


@in_virtual_time
async def test_what_cannot_be_is_refused_with_its_reason() -> None:
    bench = await _bench(started=False)
    await bench.do(CreateSnapshot(bench.machine, "one"))
    cases: list[tuple[Act, Code]] = [
        (CreateSnapshot(bench.machine, "one"), Code.NAME_TAKEN),
        (CreateSnapshot(bench.machine, "a/b"), Code.NAME_INVALID),
        (CreateSnapshot(bench.machine, "a\nb"), Code.NAME_INVALID),
        (RestoreSnapshot(bench.machine, "two"), Code.SNAPSHOT_NOT_FOUND),
        (DeleteSnapshot(bench.machine, "two"), Code.SNAPSHOT_NOT_FOUND),
    ]
    for act, code in cases:
        with pytest.raises(ProblemError) as refused:
            await bench.plan(act)
        assert refused.value.problem.code is code


@in_virtual_time
async def test_shares_that_nobody_can_unmount_stand_in_the_way() -> None:
    bench = await _bench()
    await bench.do(CreateSnapshot(bench.machine, "one"))
    await bench.provider.pause(bench.uuid)
    assert await bench.fleet.wait_until(
        bench.machine, lambda machine: machine is not None and machine.state is State.PAUSED, 60
    )
    for act in (CreateSnapshot(bench.machine, "two"), RestoreSnapshot(bench.machine, "one")):
        with pytest.raises(ProblemError) as refused:
            await bench.plan(act)
        assert refused.value.problem.code is Code.AGENT_UNAVAILABLE
        assert "Resume it first" in refused.value.problem.next


@in_virtual_time
async def test_children_stay_and_the_plan_names_them() -> None:
    bench = await _bench(started=False)
    for name in ("a", "b", "c"):
        await bench.do(CreateSnapshot(bench.machine, name))
    keeps = await bench.plan(DeleteSnapshot(bench.machine, "a"))
    takes = await bench.plan(DeleteSnapshot(bench.machine, "a", children=True))
    assert keeps.notes == ("These stay: b, c.",)
    assert takes.warnings == ("These go too: b, c.",)
    await bench.do(DeleteSnapshot(bench.machine, "b"))
    assert {name: each.parent for name, each in (await bench.snapshots()).items()} == {"a": "", "c": "a"}


@in_virtual_time
async def test_a_machine_without_shares_needs_no_parking() -> None:
    bench = await _bench()
    bare = msgspec.structs.replace(SPEC, name="bare", uuid=SPEC.uuid[:-1] + "9", shares=())
    machine = await bench.provider.define(bare)
    bench.fleet.machine_changed(machine)
    plan = await bench.plan(CreateSnapshot(machine.id, "one"))
    assert [step.name for step in plan.steps] == ["take"]
    assert plan.downtime_seconds is None
