"""What a guest tells of itself at a snapshot: kept with it, gone with it, used where no disk can be read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from clonebox_tui.engine.core import Engine, World
from clonebox_tui.engine.looks.difference import Looks
from clonebox_tui.engine.looks.noted import SOURCE
from clonebox_tui.engine.snapshots.recorded import parsed
from clonebox_tui.guest.execution import run as run_in_guest
from clonebox_tui.model.acts import (
    Act,
    CreateSnapshot,
    DeleteMachine,
    DeleteSnapshot,
    RestoreSnapshot,
    TrashSnapshot,
)
from clonebox_tui.model.difference import DiffWanted
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import State
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.store.system_facts import SystemFactsStore

SAID = """bash 5.2 installed
gone 1.0 config-files
== packages
root:x:0:0:root:/root:/bin/sh
== users
Filesystem 1024-blocks Used Available Capacity Mounted on
/dev/vda1 100 40 60 40% /
== used
ssh.service enabled
a b.service masked
== services
"""


def test_what_the_guest_printed_is_taken_apart() -> None:
    facts = parsed(SAID, 5.0)
    assert facts.packages == {"bash": "5.2"}
    assert facts.users == {"root": "uid 0, gid 0, /root, /bin/sh"}
    assert facts.services == {"ssh.service": "enabled", "a b.service": "masked"}
    assert (facts.used_bytes, facts.noted_at) == (40 * 1024, 5.0)


@pytest.mark.parametrize(
    "text", ["", "== used\n", "a\n== used\n", "x\ny z\n== used", "cut off in the mid", "\0== packages"]
)
def test_a_guest_without_records_or_that_talks_nonsense_tells_nothing(text: str) -> None:
    facts = parsed(text, 0.0)
    assert (facts.packages, facts.services, facts.users, facts.used_bytes) == (None, None, None, None)


class Bench:
    """A running simulated machine whose disk cannot be read."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.machine = next(id for id, each in engine.fleet.machines.items() if each.state is State.RUNNING)
        self.looks = Looks(engine.fleet, engine.world.places, engine.agent, engine.recorded)
        self.store = SystemFactsStore(engine.database)

    async def done(self, act: Act) -> dict[str, object]:
        job = await self.engine.jobs.wait((await self.engine.jobs.run(act)).id)
        assert job.state is JobState.SUCCEEDED, job.problem
        return job.result or {}

    async def guest(self, script: str) -> None:
        await run_in_guest(self.engine.agent(self.machine), ["sh", "-c", script])

    async def snapshot(self, name: str) -> Snapshot:
        provider, uuid = self.engine.fleet.provider_of(self.machine)
        return next(each for each in await provider.snapshots(uuid) if each.name == name)


@asynccontextmanager
async def _bench(home: Path, fault: str) -> AsyncIterator[Bench]:
    uri = f"simulated://demo?machines=3&seed=1&transition=0.001&boot=0.001&fail={fault}"
    engine = await Engine.open(World(places({"HOME": str(home)}, 0), uris=(uri,)))
    try:
        assert await engine.fleet.opened(60)
        engine.jobs.recover()
        yield Bench(engine)
    finally:
        await engine.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with _bench(tmp_path, "files_at") as made:
        yield made


async def test_where_no_disk_can_be_read_they_are_compared_and_that_is_said(bench: Bench) -> None:
    await bench.done(CreateSnapshot(bench.machine, "one"))
    await bench.guest("echo new:x:1000:1000::/home/new:/bin/sh >> /etc/passwd")
    now = await bench.looks.difference(DiffWanted(bench.machine, "one"))
    assert now.source == f"{SOURCE}, and tells now"
    assert [each.name for each in now.users or ()] == ["new"]
    assert now.packages == ()
    assert now.used_before_bytes
    assert "Files are not compared" in now.notes[0]
    await bench.done(CreateSnapshot(bench.machine, "two"))
    both = await bench.looks.difference(DiffWanted(bench.machine, "one", "two"))
    assert both.source == SOURCE
    assert both.users == now.users
    # The safety snapshot of a restore has them, too.
    safety = str((await bench.done(RestoreSnapshot(bench.machine, "one")))["safety"])
    assert (await bench.looks.difference(DiffWanted(bench.machine, "one", safety))).users == now.users


async def test_where_there_is_neither_both_reasons_are_given(bench: Bench) -> None:
    with pytest.raises(ProblemError) as caught:
        await bench.looks.difference(DiffWanted(bench.machine, "base"))
    found = caught.value.problem
    assert found.code is Code.NOT_SUPPORTED
    assert "files_at failed" in found.why
    assert "told nothing when base was taken" in found.why
    await bench.done(CreateSnapshot(bench.machine, "one"))
    provider, uuid = bench.engine.fleet.provider_of(bench.machine)
    await provider.kill(uuid)
    with pytest.raises(ProblemError, match="cannot be compared") as caught:
        await bench.looks.difference(DiffWanted(bench.machine, "one"))
    assert "asked about the present" in caught.value.problem.why


async def test_they_go_with_their_snapshot_and_with_their_machine(bench: Bench) -> None:
    for name in ("one", "two", "behind our back", "three"):
        await bench.done(CreateSnapshot(bench.machine, name))
    provider, uuid = bench.engine.fleet.provider_of(bench.machine)
    await bench.done(TrashSnapshot(bench.machine, "one"))
    assert await bench.store.of(bench.machine, "one")  # it may come back
    await bench.done(DeleteSnapshot(bench.machine, "one"))
    assert await bench.store.of(bench.machine, "one") is None
    await provider.delete_snapshot(uuid, "behind our back", children=False)
    await bench.done(CreateSnapshot(bench.machine, "four"))
    assert await bench.store.of(bench.machine, "behind our back") is None
    assert await bench.store.of(bench.machine, "two")
    await bench.done(DeleteMachine(bench.machine))
    for _ in range(200):
        if await bench.store.of(bench.machine, "two") is None:
            break
    assert await bench.store.of(bench.machine, "four") is None


async def test_another_snapshot_of_that_name_is_not_taken_for_theirs(bench: Bench) -> None:
    await bench.done(CreateSnapshot(bench.machine, "one"))
    taken = await bench.snapshot("one")
    assert await bench.engine.recorded.of(bench.machine, taken)
    later = replace(taken, created_at=taken.created_at + 3600)
    assert await bench.engine.recorded.of(bench.machine, later) is None
    await bench.store.keep(bench.machine, "one", b"damaged")
    assert await bench.engine.recorded.of(bench.machine, taken) is None


async def test_a_guest_that_does_not_answer_keeps_no_snapshot_from_being_taken(tmp_path: Path) -> None:
    async with _bench(tmp_path, "agent") as bench:
        job = await bench.engine.jobs.wait(
            (await bench.engine.jobs.run(CreateSnapshot(bench.machine, "one"))).id
        )
        assert job.state is JobState.SUCCEEDED
        assert any("not noted" in line.text for line in await bench.engine.jobs.lines(job.id))
        assert await bench.engine.recorded.of(bench.machine, await bench.snapshot("one")) is None
