"""A worker of the test's own: spawned as front ends do it, gone when the test is over."""

import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from clonebox_tui.client import Client
from clonebox_tui.model.places import Places, places

SIMULATED = "simulated://demo?machines=4&seed=3&transition=0&boot=0&deaf="
"""Four machines that start at once and never obey a request to stop: a job that lasts."""

LONGEST_SECONDS = 60.0
"""A limit for what another process does: it costs nothing where all is well."""

Join = Callable[..., Awaitable[Client]]


def alive(pid: int) -> bool:
    """Whether the process lives (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def worker_pid(where: Places) -> int:
    """The pid that the last holder of the lock wrote."""
    try:
        return int(where.lock.read_text() or 0)
    except OSError:
        return 0


def ended(pid: int, seconds: float = LONGEST_SECONDS) -> bool:
    """Whether the process ends within that time."""
    deadline = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return True


@pytest.fixture
def where(world: Path) -> Iterator[Places]:
    """The places of a demo worker, which is killed in the end."""
    found = places(os.environ, os.geteuid(), demo=True)
    yield found
    pid = worker_pid(found)
    if pid and alive(pid):
        os.kill(pid, signal.SIGKILL)
        ended(pid)


@pytest.fixture
async def join(where: Places) -> AsyncIterator[Join]:
    """Connects a front end to the worker (spawning it); closed in the end."""
    clients: list[Client] = []

    async def joined(**options: object) -> Client:
        given = {"demo": True, "worker_arguments": ("--connect", SIMULATED), **options}
        clients.append(await Client.connect(where, **given))  # type: ignore[arg-type]
        return clients[-1]

    yield joined
    for client in clients:
        await client.close()
