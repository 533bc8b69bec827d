"""What befalls the worker itself: crowds, strangers, lost folders, damaged files, signals, jumping clocks."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from clonebox_tui import __version__
from clonebox_tui.client import Client, here
from clonebox_tui.engine.jobs import JobRunner
from clonebox_tui.model.acts import CloneMachine, StartMachine
from clonebox_tui.model.job import Job, JobState, StepState
from clonebox_tui.model.places import Places
from clonebox_tui.model.rpc import CANCEL, FLEET, JOB, JOBS, PREPARE, Nothing, OnJob, PrepareClone
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore
from tests.engine.job_acts import Building
from tests.worker.conftest import LONGEST_SECONDS, Join, alive, ended, join, where, worker_pid

__all__ = ["join", "where"]

SLOW = "simulated://demo?machines=2&seed=3&boot=600&transition=0"
_CROWD = 200
_HELLO = {"jsonrpc": "2.0", "id": 1, "method": "worker.hello", "params": {"version": __version__}}
_STRANGER = (
    "import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(60); s.connect(sys.argv[1]);"
    "s.sendall(sys.argv[2].encode() + b'\\n'); print(len(s.recv(100)))"
)


async def booting_clone(client: Client, world: Path) -> Job:
    """A clone whose guest does not come up within the test."""
    folder = world / "project"
    folder.mkdir(exist_ok=True)
    prepared = await client.call(PREPARE, PrepareClone(str(folder), here(), items=()))
    job = await client.run(CloneMachine(SLOW, prepared.wish, str(folder), prepared.config_text))
    async with asyncio.timeout(LONGEST_SECONDS):
        while not _boots(await client.call(JOB, OnJob(job.id))):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return job


def _boots(job: Job) -> bool:
    return any(step.name == "boot" and step.state is StepState.RUNNING for step in job.steps)


async def test_two_hundred_front_ends_are_all_served(where: Places, join: Join) -> None:
    await join()
    crowd = [socket.socket(socket.AF_UNIX) for _ in range(_CROWD)]
    try:
        for each in crowd:
            each.settimeout(60)
            each.connect(str(where.socket))
            each.sendall(json.dumps(_HELLO).encode() + b"\n")
        answers = await asyncio.to_thread(lambda: [each.recv(4096) for each in crowd])
        assert all(b'"result"' in answer for answer in answers)
    finally:
        for each in crowd:
            each.close()
    late = await join()
    assert (await late.call(FLEET, Nothing())).connections


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as somebody else")
@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="needs a Python that everybody may run")
async def test_another_user_is_refused_even_where_doors_stand_open(where: Places, join: Join) -> None:
    client = await join()
    for path in (where.socket, *where.socket.parents[:3]):
        path.chmod(0o777)
    words = ["/usr/bin/python3", "-c", _STRANGER, str(where.socket), json.dumps(_HELLO)]
    said = await asyncio.to_thread(
        lambda: subprocess.run(
            words, user=65534, group=65534, extra_groups=[], capture_output=True, text=True
        )
    )
    assert said.stdout.strip() in ("0", ""), said
    assert "refused a peer" in where.worker_log.read_text()
    assert (await client.call(FLEET, Nothing())).connections


async def test_a_runtime_folder_removed_under_a_job_is_made_again(
    world: Path, where: Places, join: Join
) -> None:
    client = await join(worker_arguments=("--connect", SLOW))
    job = await booting_clone(client, world)
    shutil.rmtree(where.runtime)
    async with asyncio.timeout(LONGEST_SECONDS):
        while not where.socket.exists():  # noqa: ASYNC110 the worker makes it again by itself
            await asyncio.sleep(0.05)
    other = await join(worker_arguments=("--connect", SLOW))
    assert other.welcome.pid == client.welcome.pid
    assert [each.id for each in (await other.call(JOBS, Nothing())).jobs] == [job.id]
    await other.call(CANCEL, OnJob(job.id))
    assert (await other.wait(job.id)).state is JobState.CANCELLED


async def test_a_terminated_worker_undoes_its_jobs_first(world: Path, where: Places, join: Join) -> None:
    client = await join(worker_arguments=("--connect", SLOW))
    job = await booting_clone(client, world)
    assert (world / "project/.clonebox.yaml").exists() is False  # the simulated clone writes no file
    pid = client.welcome.pid
    os.kill(pid, signal.SIGTERM)
    assert await asyncio.to_thread(ended, pid)
    after = await join(worker_arguments=("--connect", SLOW))
    kept = (await after.call(JOBS, Nothing())).jobs
    assert [(each.id, each.state) for each in kept] == [(job.id, JobState.CANCELLED)]
    assert len((await after.call(FLEET, Nothing())).machines) == 2


@pytest.mark.parametrize("damage", [b"no database at all" * 300, b"", b"SQLite format 3\0" + b"\xff" * 5000])
async def test_a_damaged_journal_is_set_aside_and_the_machines_are_there(
    where: Places, join: Join, damage: bytes
) -> None:
    where.state.mkdir(parents=True, exist_ok=True)
    where.database.write_bytes(damage)
    client = await join()
    assert len((await client.call(FLEET, Nothing())).machines) == 4
    aside = list(where.state.glob("*.damaged-*"))
    assert len(aside) == (1 if damage else 0)
    assert ("set aside" in where.worker_log.read_text()) is bool(damage)
    assert all(path.read_bytes() == damage for path in aside)


@pytest.fixture
def folder(world: Path) -> Path:
    made = world / "built"
    made.mkdir()
    return made


class _Clock:
    """Jumps a day back and two forth, again and again."""

    def __init__(self) -> None:
        self._looks = 0

    def __call__(self) -> float:
        self._looks += 1
        return time.time() + (-86_400.0, 172_800.0)[self._looks % 2]


async def test_a_clock_that_jumps_disturbs_no_job(world: Path, folder: Path) -> None:
    database = await Database.open(world / "jobs.sqlite")
    try:
        runner = JobRunner(JobStore(database), {StartMachine: Building(folder)}, _Clock())
        jobs = [await runner.wait((await runner.run(StartMachine(f"m{n}"))).id) for n in range(3)]
        again = JobRunner(JobStore(database), {StartMachine: Building(folder)}, _Clock())
        await again.load()
        known = {each.id for each in again.jobs()}
    finally:
        await database.close()
    assert [job.state for job in jobs] == [JobState.SUCCEEDED] * 3
    assert known == {job.id for job in jobs}
    assert again.running == 0


async def test_a_worker_killed_twice_leaves_one_truth(world: Path, where: Places, join: Join) -> None:
    client = await join(worker_arguments=("--connect", SLOW))
    job = await booting_clone(client, world)
    for _ in range(2):
        pid = worker_pid(where)
        assert alive(pid)
        os.kill(pid, signal.SIGKILL)
        assert await asyncio.to_thread(ended, pid)
        client = await join(worker_arguments=("--connect", SLOW))
    assert (await client.wait(job.id)).state is JobState.ROLLED_BACK
    assert len((await client.call(JOBS, Nothing())).jobs) == 1
