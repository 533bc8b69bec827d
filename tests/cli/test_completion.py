"""Shells complete commands, options and names; their questions start nothing and wait for nobody."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import PROGRAM, Shell


def offers(shell: Shell, line: str, kind: str = "zsh") -> list[str]:
    """What is offered for the last word of `line`, by the protocol of the generated scripts."""
    words = line.split(" ")
    said = shell(
        _CLONEBOX_TUI_COMPLETE=f"{kind}_complete",
        COMP_WORDS="\n".join(words) if kind == "zsh" else line,
        COMP_CWORD=str(len(words) - 1) if kind != "fish" else words[-1],
    )
    assert said.stderr == b""
    if kind == "zsh":  # three lines an offer: type, value, help
        return said.text.splitlines()[1::3]
    return [each.split(",")[1].split("\t")[0] for each in said.text.splitlines()]


def offered(shell: Shell, line: str, wanted: list[str]) -> None:
    """That these are offered. A question waits for its answer for a fraction of a second only, and then
    offers nothing: on a busy host it is asked again."""
    deadline = time.monotonic() + 60
    while (found := offers(shell, line)) != wanted:
        assert found == [], found
        assert time.monotonic() < deadline


@pytest.fixture(scope="module")
def asked() -> Iterator[Shell]:
    """A shell that completes, beside a demo that runs."""
    shell = Shell()
    shell("--demo", "list")
    yield shell
    shell("--demo", "worker", "stop", "--force")
    shell.close()


def test_commands_and_options_are_offered(asked: Shell) -> None:
    assert offers(asked, "clonebox-tui st") == ["start", "stop"]
    assert offers(asked, "clonebox-tui snapshot re") == ["restore"]
    assert "--description" in offers(asked, "clonebox-tui snapshot create --d")
    assert offers(asked, "clonebox-tui completion z") == ["zsh"]


def test_machines_snapshots_and_jobs_are_offered(asked: Shell) -> None:
    offered(asked, "clonebox-tui --demo start we", ["web-dev"])
    offered(asked, "clonebox-tui --demo stop web-dev d", ["db", "docs"])
    offered(asked, "clonebox-tui --demo exec a", ["api"])
    offered(asked, "clonebox-tui --demo snapshot restore web-dev b", ["base", "before-upgrade"])
    job = str(asked("--demo", "pause", "db", "--json").records("jobs")[0]["id"])
    offered(asked, f"clonebox-tui --demo job show {job}", [job])


def test_hosts_whose_key_was_accepted_are_offered(asked: Shell) -> None:
    kept = asked.root / "config/clonebox/known_hosts"
    kept.parent.mkdir(parents=True)
    lines = [f"{name} ssh-ed25519 AAAA" for name in ("web1", "[web2]:2222", "[::1]:22", "web1")]
    kept.write_text("\n".join(["# accepted", *lines, "| nonsense"]))
    assert offers(asked, "clonebox-tui --host ") == ["ssh://web1", "ssh://web2:2222", "ssh://[::1]:22"]
    assert offers(asked, "clonebox-tui --host ssh://me@w") == ["ssh://me@web1", "ssh://me@web2:2222"]
    assert offers(asked, "clonebox-tui --host ssh://web2") == ["ssh://web2:2222"]


def test_fish_is_offered_the_same(asked: Shell) -> None:
    variables = {"COMP_WORDS": "clonebox-tui --demo start we", "COMP_CWORD": "we"}
    deadline = time.monotonic() + 60
    while not (said := asked(_CLONEBOX_TUI_COMPLETE="fish_complete", **variables)).text:
        assert time.monotonic() < deadline
    assert said.text == "plain,web-dev\n"


def test_asking_starts_no_worker() -> None:
    shell = Shell()
    try:
        assert offers(shell, "clonebox-tui start x") == []
        assert not list(shell.root.rglob("worker.lock"))
        assert not list(shell.runtime.iterdir())
    finally:
        shell.close()


def test_nonsense_offers_nothing(asked: Shell) -> None:
    assert offers(asked, "clonebox-tui frobnicate x") == []
    assert offers(asked, "clonebox-tui --demo snapshot restore absent x") == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_script_is_valid_in_its_shell(name: str, asked: Shell) -> None:
    script = asked("completion", name)
    assert "_CLONEBOX_TUI_COMPLETE" in script.text
    program = shutil.which(name)
    if program is not None:
        checked = subprocess.run([program, "-n"], input=script.stdout, capture_output=True, check=False)
        assert checked.returncode == 0, checked.stderr


@pytest.fixture
def at_prompt(asked: Shell, tmp_path: Path) -> dict[str, str]:
    """The environment of a shell that finds the program by its name."""
    command = tmp_path / "clonebox-tui"
    command.write_text(f'#!/bin/sh\nexec {" ".join(PROGRAM)} "$@"\n')
    command.chmod(0o755)
    return {**asked.environment, "PATH": f"{tmp_path}:{asked.environment['PATH']}"}


def test_real_bash_completes(at_prompt: dict[str, str]) -> None:
    script = """
        eval "$(clonebox-tui completion bash)"
        COMP_WORDS=(clonebox-tui --demo snapshot restore web-dev be) COMP_CWORD=5
        # Which is asked again where a busy host was too slow to answer.
        for try in {1..60}; do
            _clonebox_tui_completion clonebox-tui be web-dev
            [ -n "${COMPREPLY[*]}" ] && break
        done
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    # A real prompt defines completions for commands; without one, bash warns that it cannot.
    said = subprocess.run(["bash", "-c", script], env=at_prompt, capture_output=True, check=True, timeout=120)
    assert said.stdout.decode().split() == ["before-upgrade"]


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_real_fish_completes(at_prompt: dict[str, str]) -> None:
    line = "clonebox-tui --demo snapshot restore web-dev be"
    script = (
        "clonebox-tui completion fish | source; for try in (seq 60); "
        f"set -g found (complete -C '{line}'); test -n \"$found\"; and break; end; printf '%s\\n' $found"
    )
    said = subprocess.run(
        ["fish", "--no-config", "-c", script], env=at_prompt, capture_output=True, check=True, timeout=120
    )
    assert said.stdout.decode().split() == ["before-upgrade"]
