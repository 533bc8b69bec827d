"""Forks of the simulated fleet: what a person wrote on a machine goes to them, and goes when they do."""

from pathlib import Path

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.model.acts import ForkMachine, LabelMachine
from clonebox_tui.model.job import JobState
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.places import places

URI = "simulated://demo?machines=3&seed=1&transition=0.001&boot=0.001"
LABELS = Labels(("web",), "shop", "a note")


async def test_tags_group_and_note_are_taken_over(tmp_path: Path) -> None:
    engine = await Engine.open(World(places({"HOME": str(tmp_path)}, 0), uris=(URI,)))
    try:
        assert await engine.fleet.opened(60)
        engine.jobs.recover()
        machine = next(iter(engine.fleet.machines.values()))
        for labels, shown in ((LABELS, True), (Labels(), False)):
            before = engine.fleet.machine(machine.id).labels
            label = LabelMachine(machine.id, labels, before)
            assert (await engine.jobs.wait((await engine.jobs.run(label)).id)).state is JobState.SUCCEEDED
            act = ForkMachine(machine.id, (f"one-{shown}".lower(), f"two-{shown}".lower()), start=True)
            plan = await engine.jobs.plan(act, None)
            assert ("labels" in [step.name for step in plan.steps]) is shown
            assert any("taken over" in note for note in plan.notes) is shown
            job = await engine.jobs.wait((await engine.jobs.run(act, plan.fingerprint)).id)
            assert job.state is JobState.SUCCEEDED, job.problem
            made = [each for each in engine.fleet.machines.values() if each.name in act.names]
            assert [each.labels for each in made] == [labels, labels]
    finally:
        await engine.close()
