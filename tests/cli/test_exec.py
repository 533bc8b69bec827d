"""`exec` in the demo: words, streams and codes pass as they are, whatever standard input is."""

import os
import signal
import time
from pathlib import Path

from tests.cli.shell import LONGEST_SECONDS, Shell


def test_words_arrive_as_they_are(demo: Shell) -> None:
    said = demo("exec", "web-dev", "--", "echo", "two  spaces", 'quo"te', "$HOME", "*", "--json", "-n")
    assert said.code == 0
    assert said.text == 'two  spaces quo"te $HOME * --json -n\n'


def test_both_streams_and_the_code_come_back(demo: Shell) -> None:
    said = demo("exec", "web-dev", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (said.code, said.text, said.errors) == (7, "out\n", "err\n")


def test_json_has_all_in_one_document(demo: Shell) -> None:
    said = demo("exec", "--json", "web-dev", "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert said.code == 3
    assert said.records("results") == [
        {
            "machine": "web-dev",
            "stdout": "out\n",
            "stderr": "err\n",
            "guest_exit_code": 3,
            "timed_out": False,
            "truncated": False,
            "problem": None,
        }
    ]


def test_timeout_is_124(demo: Shell) -> None:
    said = demo("exec", "--timeout", "0.5", "web-dev", "--", "sleep", "60")
    assert said.code == 124
    assert "killed in the guest" in said.errors
    said = demo("exec", "--timeout", "0.5", "--json", "web-dev", "--", "sleep", "60")
    assert said.code == 124
    result = said.records("results")[0]
    assert result["timed_out"] is True
    assert result["guest_exit_code"] is None


def test_unknown_command_has_the_shells_own_code(demo: Shell) -> None:
    assert demo("exec", "web-dev", "--", "no-such-command").code in (125, 127)


def test_machine_that_is_off_is_125_with_the_reason(demo: Shell) -> None:
    said = demo("exec", "scratch", "--", "true")
    assert said.code == 125
    assert "scratch is off" in said.errors
    said = demo("exec", "--json", "scratch", "--", "true")
    assert said.problem()["code"] == "agent-unavailable"


def test_pipe_is_passed_on(demo: Shell) -> None:
    data = bytes(range(256)) * 40
    assert demo("exec", "web-dev", "--", "cat", stdin=data).stdout == data


def test_file_is_passed_on(demo: Shell, tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_bytes(b"from a file\n")
    with file.open("rb") as opened:
        assert demo("exec", "web-dev", "--", "cat", stdin=opened.fileno()).stdout == b"from a file\n"


def test_folder_and_dev_null_are_no_input(demo: Shell, tmp_path: Path) -> None:
    assert demo("exec", "web-dev", "--", "cat").stdout == b""
    opened = os.open(tmp_path, os.O_RDONLY)
    try:
        assert demo("exec", "web-dev", "--", "cat", stdin=opened).stdout == b""
    finally:
        os.close(opened)


def test_terminal_is_not_read(demo: Shell) -> None:
    ours, theirs = os.openpty()
    try:
        os.write(ours, b"typed ahead\n")
        assert demo("exec", "web-dev", "--", "cat", stdin=theirs).stdout == b""
        os.set_blocking(theirs, False)
        assert os.read(theirs, 100) == b"typed ahead\n"
    finally:
        os.close(ours)
        os.close(theirs)


def test_ctrl_c_ends_it_at_once(demo: Shell) -> None:
    running = demo.start("exec", "web-dev", "--", "sh", "-c", "echo begun; sleep 4711")
    deadline = time.monotonic() + LONGEST_SECONDS
    while [each["clients"] for each in demo("worker", "status", "--json").records("workers")] in ([], [1]):
        assert time.monotonic() < deadline
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=LONGEST_SECONDS)
    assert running.returncode == 130
    assert errors.strip() == b"Interrupted."


def test_waiting_for_a_job_can_be_interrupted_and_the_job_goes_on(demo: Shell) -> None:
    project = demo.root / "waited"
    project.mkdir()
    (project / ".clonebox.yaml").write_text("version: '1'\nvm:\n  name: waited\npackages: [git]\n")
    running = demo.start("clone", str(project), "--yes", "--wait")
    assert running.stderr is not None
    running.stderr.readline()  # a step has begun
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=LONGEST_SECONDS)
    assert running.returncode == 130
    assert b"Interrupted." in errors
    job = next(each for each in demo("job", "list", "--json").records("jobs") if each["name"] == "waited")
    assert job["state"] in ("running", "succeeded")


def test_reader_that_has_seen_enough_is_no_failure(demo: Shell) -> None:
    running = demo.start("exec", "web-dev", "--", "seq", "100000")
    assert running.stdout is not None
    assert running.stdout.readline() == b"1\n"
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == b""
    running.stderr.close()
    assert running.wait(timeout=LONGEST_SECONDS) == 0


def test_several_machines_are_told_in_groups(demo: Shell) -> None:
    words = ("exec", "api", "--on", "db", "--on", "scratch", "--on", "api", "--")
    said = demo(*words, "sh", "-c", "echo same; exit 3")
    assert said.code == 125
    lines = said.text.splitlines()
    assert lines[:3] == ["api, db: exit 3", "  same", "scratch: not run"]
    assert "scratch is off" in said.text
    said = demo("exec", "--json", "api", "--on", "db", "--", "hostname")
    assert said.code == 0
    found = {str(each["machine"]): each["stdout"] for each in said.records("results")}
    assert found == {"api": "api\n", "db": "db\n"}
    assert demo("exec", "api", "--on", "db", "--", "sh", "-c", "exit 4").code == 4
    said = demo("exec", "--timeout", "0.5", "api", "--on", "db", "--", "sleep", "60")
    assert said.code == 124
    assert said.text == "api, db: timed out\n"
    assert demo("exec", "api", "--on", "absent", "--", "true").code == 125
