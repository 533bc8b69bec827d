"""Failures that take two to happen: each gives its code in full, and a fault of ours its place in the log."""

import json
import os
import pty
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clonebox_tui.model.problem import Code, Problem
from tests.cli.shell import PROGRAM, Said, Shell
from tests.resilience.breaking_worker import PLANTED

pytestmark = pytest.mark.slow

DEAF = "simulated://deaf?machines=3&seed=5&transition=0&deaf="
LONGEST_SECONDS = 180.0


def until(condition: Callable[[], object]) -> None:
    """Wait for what another process brings about."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def told(said: Said) -> Problem:
    """The problem of a command that was given --json, whole: what, next and the exit code."""
    found = said.problem() if said.stderr else json.loads(said.stdout)["jobs"][0]["problem"]
    problem = Problem(**{**found, "code": Code(found["code"])})
    assert problem.what
    assert problem.next
    return problem


def refused(shell: Shell, code: Code, *words: str) -> Problem:
    """Run a command that fails with `code` and its exit code (`exec` has one of its own for all)."""
    said = shell(*words, "--json")
    problem = told(said)
    assert problem.code is code, problem
    assert said.code == problem.exit_code
    return problem


@pytest.fixture
def demo() -> Iterator[Shell]:
    """A shell on the demo."""
    shell = Shell("--demo")
    yield shell
    shell.close()


def test_a_world_that_changed_while_the_plan_was_read(demo: Shell) -> None:
    ours, theirs = pty.openpty()
    deleting = subprocess.Popen(
        [*PROGRAM, *demo.before, "delete", "docs", "--purge", "--json"],
        env=demo.environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    assert deleting.stderr is not None
    asked = b""
    while b"Type docs" not in asked:
        asked += os.read(deleting.stderr.fileno(), 4096)
    assert demo("start", "docs").code == 0
    os.write(ours, b"docs\n")
    stdout, stderr = deleting.communicate(timeout=LONGEST_SECONDS)
    os.close(ours)
    problem = told(Said(deleting.returncode, stdout, stderr[stderr.index(b"{") :] if stderr else b""))
    assert problem.code is Code.PLAN_STALE
    assert deleting.returncode == problem.exit_code == 4
    assert demo("show", "docs").code == 0


def test_a_job_that_is_cancelled() -> None:
    shell = Shell("--connect", DEAF)
    try:
        stopping = shell.start("stop", "web-dev", "--timeout", "600", "--json")
        until(lambda: b'"running"' in shell("job", "list", "--json").stdout)
        (job,) = shell("job", "list", "--json").records("jobs")
        assert shell("job", "cancel", str(job["id"])).code == 0
        stdout, stderr = stopping.communicate(timeout=LONGEST_SECONDS)
        problem = told(Said(stopping.returncode, stdout, stderr))
        assert problem.code is Code.CANCELLED
        assert stopping.returncode == problem.exit_code == 1
    finally:
        shell.close()


def test_a_program_of_another_version_reads_and_changes_nothing(demo: Shell, checkout: Path) -> None:
    assert demo("list").code == 0
    newer = demo.root / "newer" / "clonebox_tui"
    shutil.copytree(checkout / "clonebox_tui", newer, ignore=shutil.ignore_patterns("__pycache__"))
    (newer / "__init__.py").write_text('"""The next one."""\n\n__version__ = "99.0"\n')
    demo.environment["PYTHONPATH"] = str(newer.parent)
    assert demo("--version").text.endswith("99.0\n")
    assert demo("list").code == 0
    problem = refused(demo, Code.VERSION_MISMATCH, "pause", "web-dev")
    assert "worker restart" in problem.next
    del demo.environment["PYTHONPATH"]
    assert demo("pause", "web-dev").code == 0


def test_a_guest_without_that_program(demo: Shell) -> None:
    said = demo("exec", "web-dev", "--json", "--", "/nowhere/program")
    problem = told(said)
    assert problem.code is Code.GUEST_ERROR
    assert "/nowhere/program" in problem.why
    assert said.code == 125


def test_a_fault_of_ours_is_told_in_a_sentence_and_kept_in_the_log(demo: Shell, checkout: Path) -> None:
    demo.environment["PYTHONPATH"] = str(checkout)
    log = demo.root / "said"
    with log.open("wb") as said:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.resilience.breaking_worker", "--demo"],
            env=demo.environment,
            cwd=demo.root,
            stdout=said,
            stderr=said,
        )
    until(lambda: any(demo.runtime.rglob("worker.sock")))
    assert worker.poll() is None, log.read_text()
    for words in (("show", "web-dev"), ("pause", "web-dev")):
        problem = refused(demo, Code.INTERNAL, *words)
        assert PLANTED in problem.why
        assert "log" in problem.next
    kept = "".join(path.read_text() for path in demo.root.rglob("worker*.log"))
    assert kept.count("Traceback (most recent call last)") >= 2
    assert f"RuntimeError: {PLANTED}" in kept
    assert demo("list").code == 0
