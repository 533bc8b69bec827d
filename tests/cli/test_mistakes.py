"""Every documented exit code, reached by a mistake or a lack that people meet."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.cli.shell import PROGRAM, Shell

NOWHERE = "qemu+unix:///system?socket=/nonexistent"
DEAF = "simulated://deaf?machines=2&seed=3&transition=0&boot=0&deaf="


def test_unknown_machine_names_the_nearest(demo: Shell) -> None:
    said = demo("start", "web-dve")
    assert said.code == 3
    assert "web-dev" in said.errors
    assert "(machine-not-found)" in said.errors


def test_one_unknown_machine_of_several_starts_none(demo: Shell) -> None:
    assert demo("start", "scratch", "absent").code == 3
    states = {each["name"]: each["state"] for each in demo("list", "--json").records("machines")}
    assert states["scratch"] == "off"


def test_refusal_says_truly_whether_it_could_be_undone(demo: Shell) -> None:
    trashed, purged = demo("delete", "scratch"), demo("delete", "scratch", "--purge")
    assert trashed.code == purged.code == 4
    assert "trash restore scratch" in trashed.errors
    assert "cannot be undone" not in trashed.errors
    assert "cannot be undone" in purged.errors


def test_same_name_on_two_connections_is_ambiguous(plain: Shell, node: str) -> None:
    both = ("--connect", node, "--connect", "test:///default")
    said = plain(*both, "show", "test")
    assert said.code == 2
    assert f"{node}/test" in said.errors
    assert "test:///default/test" in said.errors
    assert plain(*both, "show", "test:///default/test").code == 0
    assert plain("--connect", node, "show", "test").code == 0


@pytest.mark.parametrize(
    "line",
    [
        "frobnicate",
        "start",
        "--machines many list",
        "exec one",
        "exec one --timeout -1 -- true",
        "monitor --samples 0",
        "snapshot create one",
        "clone /nonexistent",
        "--demo --connect test:///default list",
        "completion csh",
    ],
)
def test_wrong_usage_is_2_and_says_where_help_is(line: str, plain: Shell) -> None:
    said = plain(*line.split())
    assert said.code == 2
    assert said.errors.startswith("Usage: clonebox-tui")
    assert "Error: " in said.errors


@pytest.mark.parametrize(
    "line",
    [
        "start scratch",
        "stop web-dev",
        "delete web-dev --yes",
        "exec web-dev -- true",
        "snapshot create web-dev --name n",
        "clone . --yes",
        "job cancel x",
    ],
)
def test_readonly_changes_nothing(line: str, demo: Shell) -> None:
    said = demo("--readonly", *line.split())
    assert said.code == (125 if line.startswith("exec") else 4)
    assert "(read-only)" in said.errors


def test_a_name_that_is_no_text_is_told_in_a_sentence(demo: Shell) -> None:
    name = os.fsdecode(b"a\xffb")
    for line, code in ((["exec", "web-dev", "--", "echo", name], 125), (["cp", name, "web-dev:/tmp"], 2)):
        said = demo(*line)
        assert said.code == code
        assert "a\\xffb is no text in UTF-8" in said.errors
        assert "Traceback" not in said.errors


def test_readonly_reads(demo: Shell) -> None:
    assert demo("--readonly", "list").code == 0
    assert demo("--readonly", "delete", "web-dev", "--plan").code == 0


def test_wrong_state_is_refused_with_the_reason(demo: Shell) -> None:
    said = demo("start", "web-dev")
    assert said.code == 4
    assert "running already" in said.errors


def test_destructive_without_terminal_asks_for_yes(demo: Shell) -> None:
    said = demo("kill", "web-dev")
    assert said.code == 4
    assert "--yes" in said.errors
    assert not said.stdout


def test_question_on_a_terminal_is_answered_by_hand(demo: Shell) -> None:
    def answered(words: tuple[str, ...], answer: str) -> tuple[int, bytes]:
        ours, theirs = pty.openpty()
        running = subprocess.Popen(
            [*PROGRAM, *demo.before, *words],
            env=demo.environment,
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        os.close(theirs)
        os.write(ours, answer.encode())
        out, errors = running.communicate(timeout=30)
        os.close(ours)
        assert b"like: virsh" in errors  # the plan is shown beside the question, not among the results
        return running.returncode, out

    assert answered(("kill", "cache"), "n\n") == (4, b"")
    assert answered(("delete", "docs", "--purge"), "something else\n") == (4, b"")
    assert demo("show", "docs").code == 0
    assert answered(("delete", "docs", "--purge"), "docs\n")[0] == 0
    assert demo("show", "docs").code == 3


def test_invalid_configuration_shows_every_fault(demo: Shell, folder: Path) -> None:
    (folder / ".clonebox.yaml").write_text("version: '1'\nvm:\n  name: a b\n  ram_mb: lots\n")
    for words in (("clone", str(folder), "--yes"), ("create", "-f", str(folder / ".clonebox.yaml"))):
        said = demo(*words)
        assert said.code == 5
        assert said.errors.count("vm.name") == 1
        assert said.errors.count("vm.ram_mb") == 1
    said = demo("config", "check", str(folder))
    assert said.code == 5
    assert f"{folder}/.clonebox.yaml:3:9: error: vm.name" in said.text


def test_connection_down_is_unavailable_with_the_reason(plain: Shell, node: str) -> None:
    for words in (("list",), ("show", "x"), ("start", "x"), ("image", "list")):
        said = plain("--connect", NOWHERE, *words)
        assert said.code == 6
        assert "/nonexistent" in said.errors
    said = plain("--connect", NOWHERE, "--connect", node, "list")
    assert said.code == 0
    assert "one" in said.text
    assert "not connected" in said.errors


def test_guest_that_does_not_stop_is_a_timeout(plain: Shell) -> None:
    machines = plain("--connect", DEAF, "list", "--json").records("machines")
    name = next(str(each["name"]) for each in machines if each["state"] == "running")
    said = plain("--connect", DEAF, "stop", name, "--timeout", "1")
    assert said.code == 7
    assert "kill" in said.errors
    assert plain("--connect", DEAF, "list", "--json").records("machines") == machines


@pytest.mark.parametrize("machine", ["one", "two"])
def test_life_of_a_test_machine(machine: str, plain: Shell, node: str) -> None:
    def state() -> object:
        return plain("--connect", node, "show", machine, "--json").records("machines")[0]["machine"]["state"]  # type: ignore[index]

    for words, after in (
        (("pause",), "paused"),
        (("resume",), "running"),
        (("stop",), "off"),
        (("start",), "running"),
        (("kill", "--yes"), "off"),
    ):
        said = plain("--connect", node, *words, machine)
        assert said.code == 0, said
        assert state() == after


def test_what_a_provider_cannot_do_is_told(plain: Shell, node: str) -> None:
    said = plain("--connect", node, "exec", "test", "--", "true")
    assert said.code == 125
    assert "agent" in said.errors
    said = plain("--connect", node, "ssh", "test")
    assert said.code == 6
    said = plain("--connect", node, "clone", ".", "--plan")
    assert said.code == 6
    assert "(not-supported)" in said.errors


def test_unusable_home_is_told_in_a_sentence(plain: Shell) -> None:
    said = plain("worker", "status", CLONEBOX_RUNTIME_DIR="/proc/1/cannot")
    assert said.code in (0, 1, 4, 6)
    said = plain("list", HOME="/dev/null", XDG_STATE_HOME="/dev/null", CLONEBOX_RUNTIME_DIR="/tmp/cbx-none")
    assert said.code in (1, 4, 6)
    assert "/dev/null" in said.errors


def test_another_seed_is_another_demo_and_the_same_one_the_same() -> None:
    fleets = []
    for seed in ("3", "3", "4"):
        shell = Shell("--demo", "--seed", seed, "--machines", "30")
        try:
            fleets.append([each["uuid"] for each in shell("list", "--json").records("machines")])
        finally:
            shell.close()
    assert fleets[0] == fleets[1] != fleets[2]
    assert len(fleets[0]) == 30
