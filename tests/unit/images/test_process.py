"""Programs we run end when asked to, with all their children, and say what they said."""

import asyncio
import os
from pathlib import Path

import pytest

from clonebox_tui.engine.process import find, run
from clonebox_tui.model.problem import Code, ProblemError


async def test_output_lines_and_code() -> None:
    seen: list[str] = []
    script = "import sys; print('one\\rtwo'); sys.stdout.flush(); sys.stderr.write('three'); sys.exit(3)"
    output = await run(["python3", "-c", script], on_line=seen.append)
    assert (output.code, output.lines, seen) == (3, ("one", "two", "three"), ["one", "two", "three"])


async def test_only_a_short_environment_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "secret")
    output = await run(["env"], env={"INITRD": "No"})
    assert "INITRD=No" in output.lines
    assert "secret" not in output.text


async def test_cancelling_ends_the_whole_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clonebox_tui.engine.process._GRACE_SECONDS", 0.3)
    child_pid = tmp_path / "pid"
    script = (
        "import subprocess, pathlib, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"pathlib.Path({str(child_pid)!r}).write_text(str(child.pid))\n"
        "print('up', flush=True); child.wait(); import time; time.sleep(0.2)"
    )
    up = asyncio.Event()
    task = asyncio.create_task(run(["python3", "-c", script], on_line=lambda _: up.set()))
    await asyncio.wait_for(up.wait(), 120)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(60):
        while _is_running(child_pid.read_text()):  # noqa: ASYNC110 sent a signal, and about to go
            await asyncio.sleep(0.01)


def _is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_missing_tool_names_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("clonebox_tui.engine.process._SYSTEM_FOLDERS", str(tmp_path))
    with pytest.raises(ProblemError) as caught:
        find("qemu-img")
    assert caught.value.problem.code is Code.TOOL_MISSING
    assert "qemu-utils" in caught.value.problem.next
    assert os.environ["PATH"] == str(tmp_path)
