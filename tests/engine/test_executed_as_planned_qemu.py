"""On real libvirt: what a plan shows is what is done and told; what virsh changed meanwhile stops it."""

import os

import pytest

from clonebox_tui.model import acts
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.spying import Spy, run_as_planned
from tests.engine.time_bench import TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]


async def test_the_core_acts(bench: TimeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    machine, jobs = bench.machine, bench.engine.jobs
    provider, _ = bench.fleet.provider_of(machine)
    spy = Spy(provider, machine, bench.name, monkeypatch)
    for act in (
        acts.LabelMachine(machine, Labels(("kept",)), Labels()),
        acts.CreateSnapshot(machine, "off"),
        acts.StartMachine(machine),
        acts.CreateSnapshot(machine, "one"),
        acts.PauseMachine(machine),
        acts.ResumeMachine(machine),
        acts.RestoreSnapshot(machine, "one"),
        acts.TrashSnapshot(machine, "one"),
        acts.UntrashSnapshots(machine, ("one",)),
        acts.KillMachine(machine),
        acts.RestoreSnapshot(machine, "off"),
        acts.DeleteSnapshot(machine, "off"),
        acts.DeleteSnapshot(machine, "one", children=True),
        acts.TrashMachine(machine),
        acts.UntrashMachine(machine, start=True),
        acts.DeleteMachine(machine),
    ):
        plan = await jobs.plan(act, None)
        spy.calls.clear()
        await run_as_planned(jobs, act, plan)
        assert spy.told(spy.calls) == spy.planned(plan), act
        if isinstance(act, acts.StartMachine):
            await bench.up()  # a restore then need not wait for an agent that is still to come


async def test_what_virsh_did_meanwhile_stops_it(bench: TimeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.done(acts.CreateSnapshot(bench.machine, "one"))
    provider, _ = bench.fleet.provider_of(bench.machine)
    spy = Spy(provider, bench.machine, bench.name, monkeypatch)
    for number, act in enumerate(
        (
            acts.RestoreSnapshot(bench.machine, "one"),
            acts.DeleteSnapshot(bench.machine, "one"),
            acts.ForkMachine(bench.machine, (f"{bench.name}-a",), "one"),
        )
    ):
        plan = await bench.engine.jobs.plan(act, None)
        bench.domain.snapshotCreateXML(f"<domainsnapshot><name>outside-{number}</name></domainsnapshot>", 0)
        with pytest.raises(ProblemError) as caught:
            await bench.engine.jobs.run(act, plan.fingerprint)
        assert caught.value.problem.code is Code.PLAN_STALE
    assert spy.calls == []
