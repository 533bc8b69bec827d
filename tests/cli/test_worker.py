"""`worker`: status starts none, run stays in front, stop and restart do what they say."""

import signal
from collections.abc import Iterator

import pytest

from tests.cli.shell import LONGEST_SECONDS, Shell


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A demo of its own, without a worker yet."""
    found = Shell("--demo")
    yield found
    found.close()


@pytest.fixture
def slow() -> Iterator[Shell]:
    """A demo whose new machines take longer to boot than any test."""
    found = Shell("--demo", "--connect", "simulated://demo?machines=12&boot=600")
    yield found
    found.close()


def test_status_and_stop_start_none(shell: Shell) -> None:
    assert shell("worker", "status").text == "No worker is running.\n"
    assert shell("worker", "status", "--json").records("workers") == []
    assert shell("worker", "stop").text == "No worker is running.\n"
    assert not list(shell.root.rglob("worker.lock"))


def test_restart_gives_another_process(shell: Shell) -> None:
    assert shell("list").code == 0
    before = shell("worker", "status", "--json").records("workers")[0]["pid"]
    assert shell("worker", "restart").code == 0
    after = shell("worker", "status", "--json").records("workers")[0]["pid"]
    assert after != before
    assert shell("worker", "stop").text == "The worker leaves.\n"


def test_demo_that_is_in_use_keeps_its_size_and_says_so(shell: Shell) -> None:
    shell.before = ("--demo", "--machines", "3")
    watching = shell.start("list", "--watch")
    assert watching.stdout is not None
    assert watching.stdout.readline()
    shell.before = ("--demo", "--machines", "5")
    said = shell("list", "--json")
    assert (len(said.records("machines")), "is in use and stays" in said.errors) == (3, True)
    watching.send_signal(signal.SIGINT)
    watching.communicate(timeout=LONGEST_SECONDS)
    said = shell("list", "--json")
    assert (len(said.records("machines")), said.errors) == (5, "")


def test_run_stays_in_front_until_told_to_leave(shell: Shell) -> None:
    running = shell.start("worker", "run")
    try:
        for _ in range(200):
            found = shell("worker", "status", "--json").records("workers")
            if found:
                break
        assert found[0]["pid"] == running.pid
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=LONGEST_SECONDS)
        assert running.returncode == 0
    finally:
        if running.poll() is None:
            running.kill()
            running.communicate()


def test_stop_is_refused_while_a_job_runs_and_forced_undoes_it(slow: Shell) -> None:
    project = slow.root / "project"
    project.mkdir()
    (project / ".clonebox.yaml").write_text("version: '1'\nvm:\n  name: half\npackages: [git]\n")
    job = slow("clone", str(project), "--yes", "--json").records("jobs")[0]
    refused = slow("worker", "stop")
    assert refused.code == 4
    assert "1 unfinished job" in refused.errors
    assert slow("worker", "stop", "--force").code == 0
    ended = slow("job", "wait", str(job["id"]), "--json")
    assert ended.records("jobs")[0]["state"] in ("cancelled", "rolled-back")
    assert "half" not in slow("list").text


def test_cancelled_job_ends_as_interrupted(slow: Shell) -> None:
    project = slow.root / "project"
    project.mkdir()
    (project / ".clonebox.yaml").write_text("version: '1'\nvm:\n  name: half\npackages: [git]\n")
    job = str(slow("clone", str(project), "--yes", "--json").records("jobs")[0]["id"])
    waiting = slow.start("job", "wait", job)
    assert slow("job", "cancel", job, "--json").records("jobs")[0]["state"] == "cancelled"
    out, errors = waiting.communicate(timeout=LONGEST_SECONDS)
    assert waiting.returncode == 130
    assert out == b""
    assert b"cancelled" in errors
    assert slow("job", "cancel", job).code == 0  # as wanted already


def test_description_is_openrpc(shell: Shell) -> None:
    document = shell("worker", "describe").document()
    assert document["openrpc"]
    assert "act.run" in {each["name"] for each in document["methods"]}
