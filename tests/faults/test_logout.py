"""The last logout: the terminal goes, and with it everything under XDG_RUNTIME_DIR; the job does not."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from clonebox_tui.model.job import JobState
from clonebox_tui.model.places import Places
from clonebox_tui.model.rpc import CANCEL, FLEET, JOB, Nothing, OnJob
from tests.faults.test_worker import SLOW, booting_clone
from tests.resilience.cockpit import cockpit
from tests.worker.conftest import Join, alive, join, where

__all__ = ["join", "where"]

pytestmark = pytest.mark.slow


def _log_out(world: Path) -> None:
    """As logind ends a session: the terminal is hung up, the user's runtime folder is removed."""
    with cockpit(world) as terminal:
        terminal.wait_for("3 machines", 60)
        terminal.hang_up()
        assert terminal.ended() == 129
        shutil.rmtree(os.environ["XDG_RUNTIME_DIR"])


async def test_worker_and_job_outlive_the_logout_and_the_next_login_finds_them(
    world: Path, where: Places, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.resilience.cockpit.worker_pid", lambda _demo: 0)  # it is not to be killed
    begun_by = await join(worker_arguments=("--connect", SLOW))
    pid = begun_by.welcome.pid
    job = await booting_clone(begun_by, world)
    await begun_by.close()
    await asyncio.to_thread(_log_out, world)
    assert alive(pid)
    # The next login has a runtime folder of another name, or none at all.
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    client = await join(worker_arguments=("--connect", SLOW), spawn=False)
    assert client.welcome.pid == pid
    assert (await client.call(JOB, OnJob(job.id))).state is JobState.RUNNING
    assert len((await client.call(FLEET, Nothing())).machines) == 3
    await client.call(CANCEL, OnJob(job.id))
    assert (await client.wait(job.id)).state is JobState.CANCELLED
