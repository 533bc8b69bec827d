"""The line to another host's worker may drop: it is taken up again, and what went on is there."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from clonebox_tui.client import Client, Event, LinkBack, LinkLost
from clonebox_tui.model.acts import PauseMachine, StopMachine
from clonebox_tui.model.job import JobState
from clonebox_tui.model.places import places
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.remote import host_target
from clonebox_tui.model.rpc import CANCEL, STOP, OnJob, StopWorker, Watch
from clonebox_tui.secure_shell.asking import host_keys
from clonebox_tui.secure_shell.pins import Pins
from tests.cli.shell import Shell
from tests.fixtures.sshd import Sshd
from tests.worker.conftest import SIMULATED

pytestmark = pytest.mark.slow

_LONGEST_SECONDS = 60.0


@pytest.fixture
def believed(other: Sshd, person: Shell) -> Sshd:
    """The other host; this process believes it and has its key."""
    target = host_target(other.uri)
    Pins(places(os.environ, os.getuid()).known_hosts).pin(target, host_keys(target))
    return other


@pytest.fixture
async def client(believed: Sshd) -> AsyncIterator[Client]:
    """A front end of the worker over there."""
    where = places(os.environ, os.getuid(), demo=True)
    joined = await Client.connect(
        where, demo=True, worker_arguments=("--connect", SIMULATED), host=believed.uri
    )
    yield joined
    await joined.call(STOP, StopWorker(force=True))
    await joined.close()


async def test_a_dropped_line_is_taken_up_again_and_the_job_went_on(client: Client, believed: Sshd) -> None:
    heard: list[Event] = []
    back = asyncio.Event()

    def hear(event: Event) -> None:
        heard.append(event)
        if isinstance(event, LinkBack):
            back.set()

    client.listen(hear)
    await client.watch(Watch(samples=False))
    machines = (await client.fleet()).machines
    job = await client.run(StopMachine(machines[0].id))
    pid = client.welcome.pid
    waiting = asyncio.create_task(client.wait(job.id))
    believed.drop_lines()
    async with asyncio.timeout(_LONGEST_SECONDS):
        await back.wait()
        assert any(isinstance(event, LinkLost) for event in heard)
        assert client.welcome.pid == pid
        assert not waiting.done()
        await client.call(CANCEL, OnJob(job.id))
        assert (await waiting).state is JobState.CANCELLED


async def test_a_host_that_is_another_one_after_a_loss_is_not_believed(
    client: Client, believed: Sshd
) -> None:
    told: asyncio.Queue[LinkLost] = asyncio.Queue()
    client.listen(lambda event: told.put_nowait(event) if isinstance(event, LinkLost) else None)
    kept = {name: (believed.root / name).read_bytes() for name in ("host_key", "host_key.pub")}
    believed.stop()
    believed.renew_host_key()
    believed.start()
    async with asyncio.timeout(_LONGEST_SECONDS):
        while (await told.get()).problem.code is not Code.HOST_KEY_CHANGED:
            pass
    # The right one again: it is found by itself.
    believed.stop()
    for name, data in kept.items():
        (believed.root / name).write_bytes(data)
    believed.start()
    async with asyncio.timeout(_LONGEST_SECONDS):
        while True:
            try:
                assert await client.fleet()
                break
            except ProblemError:
                await asyncio.sleep(0.1)


async def test_another_version_reads_and_changes_nothing(
    believed: Sshd, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clonebox_tui.client.early.__version__", "0.0.9")
    where = places(os.environ, os.getuid(), demo=True)
    old = await Client.connect(where, demo=True, host=believed.uri)
    try:
        machines = (await old.fleet()).machines
        assert machines
        with pytest.raises(ProblemError) as refused:
            await old.run(PauseMachine(machines[0].id))
        assert refused.value.problem.code is Code.VERSION_MISMATCH
        assert "both hosts" in refused.value.problem.next
    finally:
        await old.close()
