"""Every log that is written here is bounded: the worker's, what it prints, the cockpit's, and jobs' own."""

import os
import subprocess
import sys
import time
from pathlib import Path

from clonebox_tui.engine.journal import LINE_LENGTH, LINES_KEPT, Journal
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.store.database import Database
from clonebox_tui.store.jobs import JobStore
from clonebox_tui.tui import breaking
from clonebox_tui.worker import logs

_LOGS_ON = """
import logging, sys
from pathlib import Path
from clonebox_tui.worker import logs
logs.begin(Path(sys.argv[1]))
for number in range(2500):
    logging.getLogger("x").error("%d %s", number, "y" * 20_000)
"""
_PRINTS_ON = """
import os, sys
from pathlib import Path
from clonebox_tui.worker import logs
for number in range(40):
    os.write(2, b"z" * 100_000)
    logs.cut_output(Path(sys.argv[1]))
"""


def _run(script: str, path: Path, stderr: int | None = None) -> None:
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, stderr=stderr)


def test_the_workers_log_is_rotated(tmp_path: Path) -> None:
    _run(_LOGS_ON, tmp_path / "worker.log")
    files = sorted(tmp_path.iterdir())
    assert len(files) == logs.FILES
    assert sum(each.stat().st_size for each in files) <= logs.FILES * logs.FILE_BYTES
    # The newest is kept, cut in length.
    assert b'"message": "2499 yyy' in (tmp_path / "worker.log").read_bytes()


def test_what_the_worker_prints_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "worker.out"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    _run(_PRINTS_ON, path, descriptor)
    os.close(descriptor)
    assert 0 < path.stat().st_size <= logs.OUTPUT_BYTES
    # A file that somebody else writes is none of its business.
    other = tmp_path / "other"
    other.write_bytes(b"x" * (logs.OUTPUT_BYTES + 1))
    logs.cut_output(other)
    assert other.stat().st_size == logs.OUTPUT_BYTES + 1


def test_the_cockpits_log_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "cockpit.log"
    for number in range(30):
        breaking.write_down(ValueError(f"{number} {'x' * 100_000}"), path)
    assert {each.name for each in tmp_path.iterdir()} == {"cockpit.log", "cockpit.log.1"}
    assert all(each.stat().st_size < 2 * breaking.LOG_BYTES for each in tmp_path.iterdir())


async def test_a_jobs_log_is_cut_in_lines_and_length(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "jobs.sqlite")
    journal = Journal(
        JobStore(database), Job("j", "act", "title", JobState.RUNNING, time.time()), lambda _job, _more: None
    )
    for number in range(LINES_KEPT * 3):
        journal.log(f"{number} {'x' * LINE_LENGTH * 2}")
    kept = journal.unwritten
    assert len(kept) == LINES_KEPT + 1
    assert max(len(line.text) for line in kept) == LINE_LENGTH
    assert kept[-1].text.endswith("left out")
    await database.close()
