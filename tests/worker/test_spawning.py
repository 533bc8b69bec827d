"""A worker comes when it is needed, only one, in a private place, and outlives who started it."""

import asyncio
import os
import selectors
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from clonebox_tui.client.spawn import Approach
from clonebox_tui.model.places import Places
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.rpc import FLEET, STATUS, Nothing
from tests.worker.conftest import LONGEST_SECONDS, SIMULATED, Join, alive, ended, worker_pid


def pid_at_the_other_end(connected: socket.socket) -> int:
    """The process that listens where this socket is connected; closes it."""
    with connected:
        return int.from_bytes(
            connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], sys.byteorder
        )


async def test_the_first_front_end_starts_the_worker(
    where: Places, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET", "hunter2")
    client = await join()
    pid = client.welcome.pid
    assert os.getsid(pid) == pid
    assert os.readlink(f"/proc/{pid}/cwd") == "/"  # noqa: PTH115
    assert b"hunter2" not in Path(f"/proc/{pid}/environ").read_bytes()  # noqa: ASYNC240
    assert stat.S_IMODE(where.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(where.runtime.stat().st_mode) == 0o700
    assert len((await client.call(FLEET, Nothing())).machines) == 4
    again = await join(spawn=False)
    assert again.welcome.pid == pid


async def test_without_spawning_an_absent_worker_is_told(where: Places, join: Join) -> None:
    with pytest.raises(ProblemError) as refused:
        await join(spawn=False)
    assert refused.value.problem.code is Code.WORKER_UNAVAILABLE
    assert not where.state.exists()


def test_twenty_front_ends_at_once_start_one_worker(where: Places) -> None:
    pids: list[int] = []

    def come() -> None:
        pids.append(pid_at_the_other_end(Approach(where, ("--demo", "--connect", SIMULATED)).finish()))

    threads = [threading.Thread(target=come) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 20
    assert len(set(pids)) == 1


def test_of_two_workers_started_by_hand_one_leaves(where: Places) -> None:
    command = [sys.executable, "-m", "clonebox_tui.worker", "--demo", "--connect", SIMULATED]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        with selectors.DefaultSelector() as first:
            for process in both:
                first.register(process.stderr or 0, selectors.EVENT_READ, process)
            [(key, _), *_] = first.select(LONGEST_SECONDS)
        loser = key.data
        assert loser.wait(LONGEST_SECONDS) == 0
        winner = worker_pid(where)
        assert {winner, loser.pid} == {process.pid for process in both}
        assert "Another worker" in (loser.stderr.read() if loser.stderr else "")
        assert alive(winner)
    finally:
        for process in both:
            process.kill()
            process.communicate()


async def test_a_front_end_that_is_hung_up_leaves_the_worker(where: Places, join: Join) -> None:
    script = (
        "import os, asyncio\n"
        "from clonebox_tui.client import Client\n"
        "from clonebox_tui.model.places import places\n"
        "async def main():\n"
        "    client = await Client.connect(places(os.environ, os.geteuid(), True), demo=True)\n"
        "    print(client.welcome.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    front_end = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE
    )
    assert front_end.stdout
    pid = int(await front_end.stdout.readline())
    for each in (pid, front_end.pid):
        os.kill(each, signal.SIGHUP)
    assert await front_end.wait() == -signal.SIGHUP
    client = await join(spawn=False)
    assert client.welcome.pid == pid
    assert (await client.call(STATUS, Nothing())).pid == pid


async def test_the_socket_of_a_killed_worker_is_no_obstacle(where: Places, join: Join) -> None:
    first = Approach(where, ("--demo", "--connect", SIMULATED)).finish()
    pid = pid_at_the_other_end(first)
    os.kill(pid, signal.SIGKILL)
    assert ended(pid)
    assert where.socket.exists()
    assert (await join()).welcome.pid != pid


async def test_a_removed_runtime_folder_is_made_again(where: Places, join: Join) -> None:
    client = await join()
    shutil.rmtree(where.runtime)
    async with asyncio.timeout(LONGEST_SECONDS):
        while not where.socket.exists():  # noqa: ASYNC110 the file system has no event to wait for here
            await asyncio.sleep(0.05)
    assert (await join(spawn=False)).welcome.pid == client.welcome.pid
    assert (await client.call(STATUS, Nothing())).pid == client.welcome.pid


async def test_a_runtime_folder_that_others_may_enter_is_refused(where: Places, join: Join) -> None:
    where.runtime.mkdir(parents=True)
    where.runtime.chmod(0o777)
    with pytest.raises(ProblemError) as refused:
        await join()
    assert refused.value.problem.code is Code.PERMISSION_DENIED
    assert str(where.runtime) in refused.value.problem.why


async def test_a_path_too_long_for_a_socket_is_told(
    world: Path, monkeypatch: pytest.MonkeyPatch, where: Places
) -> None:
    from clonebox_tui.model.places import places

    monkeypatch.setenv("CLONEBOX_RUNTIME_DIR", str(world / ("x" * 100)))
    with pytest.raises(ProblemError) as refused:
        Approach(places(os.environ, os.geteuid(), demo=True), ("--demo",)).finish()
    assert "CLONEBOX_RUNTIME_DIR" in refused.value.problem.next


async def test_a_worker_that_cannot_work_says_why(where: Places) -> None:
    where.state.mkdir(parents=True)
    where.database.mkdir()
    with pytest.raises(ProblemError) as refused:
        await asyncio.to_thread(Approach(where, ("--demo",)).finish)
    assert refused.value.problem.code is Code.WORKER_UNAVAILABLE
    assert "unable to open database" in refused.value.problem.why


async def test_an_idle_worker_leaves_and_takes_its_socket_along(
    where: Places, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLONEBOX_IDLE_SECONDS", "0.2")
    client = await join()
    pid = client.welcome.pid
    await asyncio.sleep(0.5)
    assert alive(pid)
    await client.close()
    assert await asyncio.to_thread(ended, pid)
    assert not where.socket.exists()


async def test_a_demo_of_another_size_begins_anew_unless_somebody_watches_it(
    where: Places, join: Join
) -> None:
    first = await join(worker_arguments=("--machines", "3"))
    other = await join(worker_arguments=("--machines", "5"))
    assert other.welcome.pid == first.welcome.pid
    await first.close()
    await other.close()
    alone = await join(worker_arguments=("--machines", "5"))
    assert alone.welcome.pid != first.welcome.pid
    assert len((await alone.call(FLEET, Nothing())).machines) == 5
    whoever = await join(worker_arguments=())
    assert whoever.welcome.pid == alone.welcome.pid


async def test_a_dead_worker_is_buried_by_the_front_end_that_started_it(where: Places, join: Join) -> None:
    pid = (await join()).welcome.pid
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(LONGEST_SECONDS):
        while alive(pid):  # noqa: ASYNC110 nobody tells
            await asyncio.sleep(0.01)
    assert worker_pid(where) == pid
    # The first front end looks for another one by itself.
    async with asyncio.timeout(LONGEST_SECONDS):
        while Path(f"/proc/{pid}").exists():  # noqa: ASYNC110, ASYNC240 nobody tells
            await asyncio.sleep(0.05)
