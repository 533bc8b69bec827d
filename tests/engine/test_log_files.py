"""Proves that logs in files are read whole over rotations, bounded when huge, and counted when too fast."""

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest

from clonebox_tui.engine.log_sources.file_log import MOST_TAIL_BYTES, FileLog
from clonebox_tui.engine.log_sources.following import merged
from clonebox_tui.engine.log_sources.moments import moment_of
from clonebox_tui.engine.log_sources.own import WorkerLog
from clonebox_tui.model.log import LogLine
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.providers import log_file
from clonebox_tui.providers.protocol import LogChunk


class Counted:
    """Reads a file, and counts what it read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.bytes_read = 0

    async def __call__(self, offset: int, limit_bytes: int, identity: str) -> LogChunk:
        chunk = log_file.read(self._path, offset, limit_bytes, identity)
        self.bytes_read += len(chunk.data)
        return chunk


def _log(path: Path, lossy: bool = False) -> FileLog:
    return FileLog(Counted(path), lambda: 1000.0, "test", lossy)


async def _all_that_came(log: FileLog) -> list[str]:
    lines: list[str] = []
    while True:
        lines += [line.text for line in await log.more()]
        if not log.behind:
            return lines


def _write(path: Path, *numbers: int) -> None:
    with path.open("a") as file:
        file.writelines(f"line {number}\n" for number in numbers)


async def test_two_gigabytes_open_by_their_end_alone(tmp_path: Path) -> None:
    path = tmp_path / "huge.log"
    _write(path, 1)
    os.truncate(path, 2 * 1024**3)
    _write(path, *range(1000))
    read = Counted(path)
    log = FileLog(read, lambda: 0.0, "test")
    assert [line.text for line in await log.tail(3, partial=False)] == ["line 997", "line 998", "line 999"]
    assert read.bytes_read < 1024 * 1024
    # Even where no end of line is found, the search for one is bounded.
    assert len(await log.tail(10_000, partial=False)) >= 999
    assert read.bytes_read < 4 * MOST_TAIL_BYTES


async def test_a_rotation_leaves_no_gap_and_doubles_nothing(tmp_path: Path) -> None:
    path = tmp_path / "serial.log"
    _write(path, 1, 2)
    log = _log(path)
    assert len(await log.tail(10, partial=False)) == 2
    # What was written after the last look stands in the older file, the last of it cut in two.
    with path.open("a") as old:
        old.write("line 3\nline")
    path.rename(tmp_path / "serial.log.0")
    path.write_text(" 4\n")
    _write(path, 5)
    assert await _all_that_came(log) == ["line 3", "line 4", "line 5"]
    # Twice between two looks.
    _write(path, 6)
    (tmp_path / "serial.log.0").rename(tmp_path / "serial.log.1")
    path.rename(tmp_path / "serial.log.0")
    _write(path, 7)
    for older in (1, 0):
        (tmp_path / f"serial.log.{older}").rename(tmp_path / f"serial.log.{older + 1}")
    path.rename(tmp_path / "serial.log.0")
    _write(path, 8)
    assert await _all_that_came(log) == ["line 6", "line 7", "line 8"]
    assert await _all_that_came(log) == []


async def test_whoever_still_writes_to_the_older_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    _write(path, 1)
    log = _log(path)
    await log.tail(10, partial=False)
    path.rename(tmp_path / "app.log.1")
    path.touch()
    _write(tmp_path / "app.log.1", 2)
    assert await _all_that_came(log) == ["line 2"]
    _write(path, 3)
    assert await _all_that_came(log) == ["line 3"]


@pytest.mark.parametrize("grown_again", [False, True])
async def test_a_copy_and_truncation_leaves_no_gap_and_doubles_nothing(
    tmp_path: Path, grown_again: bool
) -> None:
    path = tmp_path / "app.log"
    _write(path, *range(1, 10))
    log = _log(path)
    assert len(await log.tail(100, partial=False)) == 9
    _write(path, 10, 11)
    (tmp_path / "app.log.1").write_bytes(path.read_bytes())
    os.truncate(path, 0)
    later = range(12, 112) if grown_again else range(12, 14)
    _write(path, *later)
    assert await _all_that_came(log) == [f"line {number}" for number in (10, 11, *later)]
    assert await _all_that_came(log) == []


async def test_what_comes_too_fast_is_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "flood.log"
    path.touch()
    log = _log(path, lossy=True)
    await log.tail(10, partial=False)
    written, shown, left_out = 0, 0, 0
    for _ in range(8):
        _write(path, *range(written, written + 50_000))
        written += 50_000
        came = await _all_that_came(log)
        assert len(came) < 10_000
        assert came[-1] == f"line {written - 1}"
        for text in came:
            said = re.match(r"… (\d+) lines left out", text)
            left_out += int(said[1]) if said else 0
            shown += not said
    assert shown + left_out == written
    assert left_out > shown
    # Whoever writes them to a file gets all of them.
    patient = _log(path)
    await patient.tail(0, partial=False)
    _write(path, *range(50_000))
    assert await _all_that_came(patient) == [f"line {number}" for number in range(50_000)]


async def test_the_workers_log_reads_like_one(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    path.write_text(
        '{"time": "2026-01-02T03:04:05.678Z", "level": "info", "logger": "x", "message": "on", "job": "j"}\n'
        "not JSON\n"
    )
    log = WorkerLog(path, lambda: 0.0, "worker")
    assert [line.text for line in await log.tail(5, partial=True)] == [
        "2026-01-02T03:04:05.678Z info x: on job=j",
        "not JSON",
    ]
    with pytest.raises(ProblemError) as caught:
        await WorkerLog(tmp_path / "none", lambda: 0.0, "worker").tail(5, partial=True)
    assert caught.value.problem.code is Code.LOG_NOT_FOUND


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-02T03:04:05.678Z info", 1767323045.678),
        ("2026-01-02 04:04:05.678+0100: starting up libvirt", 1767323045.678),
        ("2026-01-02T03:04:05+0000 host sshd[1]: x", 1767323045.0),
        ("2026-01-02 03:04:05,500 - util.py[DEBUG]: x", 1767323045.5),
        ("Cloud-init v. 22 running 'init' at Fri, 02 Jan 2026 03:04:05 +0000. Up 9 s", 1767323045.0),
        ("[   12.500000] eth0: up", 112.5),
        ("2026-99-99T03:04:05Z", None),
        ("login:", None),
    ],
)
def test_lines_tell_their_time(text: str, moment: float | None) -> None:
    assert moment_of(text, 100.0) == moment


def test_logs_are_merged_by_time_and_keep_together_what_belongs_together() -> None:
    serial = [LogLine(None, "[ 1.0] a"), LogLine(None, "  more of a"), LogLine(None, "[ 5.0] b")]
    journal = [LogLine(102.0, "x", "journal"), LogLine(105.0, "y", "journal"), LogLine(104.0, "z", "journal")]
    found = merged([serial, journal], [105.0, None])
    assert [line.text for line in found] == ["[ 1.0] a", "  more of a", "x", "[ 5.0] b", "y", "z"]
    assert all(before.time is not None for before, _ in pairwise(found))
    # A log whose lines tell nothing stands where it was written last.
    told = merged([[LogLine(None, "old")], [LogLine(None, "new")], journal], [100.0, 103.0, None])
    assert [line.text for line in told] == ["old", "x", "new", "y", "z"]
    # Seconds since a boot count from the last boot alone.
    boots = [LogLine(None, f"[ {seconds}.0] x", "serial") for seconds in (900, 901, 1, 3)]
    assert [line.time for line in merged([boots], [1000.0])] == [998.0, 998.0, 998.0, 1000.0]
