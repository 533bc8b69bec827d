"""A question to a guest that stands still waits for the job that holds it, and is answered then."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.model.acts import CreateSnapshot
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import State
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, ProblemError

URI = "simulated://demo?machines=3&seed=1&transition=0.001&boot=0.001"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    made = await Engine.open(World(places({"HOME": str(tmp_path)}, 0), uris=(URI,)))
    assert await made.fleet.opened(60)
    made.jobs.recover()
    yield made
    await made.close()


async def test_a_question_waits_for_the_snapshot(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = next(each for each in engine.fleet.machines.values() if each.state is State.RUNNING).id
    provider, _ = engine.fleet.provider_of(machine)
    taking, go_on = asyncio.Event(), asyncio.Event()
    take = provider.create_snapshot

    async def slowly(*arguments: object, **named: object) -> object:
        taking.set()
        await go_on.wait()
        return await take(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(provider, "create_snapshot", slowly)
    job = await engine.jobs.run(CreateSnapshot(machine, "kept", settle=True))
    await asyncio.wait_for(taking.wait(), 30)
    question = asyncio.create_task(engine.agent(machine).command("guest-ping"))
    with pytest.raises(ProblemError) as caught:
        await engine.agent(machine).ping(0.1)
    assert caught.value.problem.code is Code.TIMED_OUT
    assert job.title in caught.value.problem.why
    assert not question.done()
    go_on.set()
    assert (await engine.jobs.wait(job.id)).state is JobState.SUCCEEDED
    await asyncio.wait_for(question, 30)
