"""`list` finds machines by what is written on them, and tells changes as plain lines; no UTF-8 is needed."""

import json
import os
import pty
import re
import signal
import subprocess
import threading
from queue import Empty, Queue

import pytest

from tests.cli.shell import PROGRAM, Shell

LINE_SECONDS = 120.0


class Lines:
    """A command that goes on; `until` waits for one of its lines."""

    def __init__(self, shell: Shell, *words: str) -> None:
        self.process = shell.start(*words)
        self._lines: Queue[str] = Queue()
        self.seen: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.decode().rstrip("\n"))

    def until(self, pattern: str) -> str:
        while True:
            try:
                line = self._lines.get(timeout=LINE_SECONDS)
            except Empty:
                raise AssertionError(f"no line like {pattern!r} after {self.seen}") from None
            self.seen.append(line)
            if re.search(pattern, line):
                return line

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(LINE_SECONDS) == 130
        assert self.process.stdout is not None
        self.process.stdout.close()
        assert self.process.stderr is not None
        self.process.stderr.close()


def names(shell: Shell, *words: str) -> set[str]:
    return {str(each["name"]) for each in shell("list", *words, "--json").records("machines")}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--tag", "web", "--tag", "dev"], {"web-dev", "api"}),
        (["--group", "pipeline"], {"build", "old-ci"}),
        (["--group", "", "--filter", "!metrics"], {"docs", "scratch"}),
        (["--filter", "tag:web state:running !api"], {"web-dev", "staging"}),
        (["--filter", "~wd"], {"web-dev"}),
        (["--tag", "nobody"], set()),
    ],
)
def test_machines_are_found(demo: Shell, words: list[str], expected: set[str]) -> None:
    assert names(demo, *words) == expected


def test_labels_are_columns_where_there_are_any(demo: Shell) -> None:
    assert demo("list").text.splitlines()[0].split()[-3:] == ["GROUP", "TAGS", "CONNECTION"]
    assert "TAGS" not in demo("list", "--filter", "^scratch$").text
    assert demo("list", "--tag", "nobody").text == "No machine is like that.\n"


@pytest.mark.slow
@pytest.mark.parametrize("words", [("list", "--watch"), ("logs", "scratch", "-f", "-n", "0")])
def test_who_follows_leaves_with_its_reader(demo: Shell, words: tuple[str, ...]) -> None:
    process = demo.start(*words)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(3)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(LINE_SECONDS) == 1
    assert process.stderr.read() == b""
    process.stderr.close()


def test_changes_are_lines_that_stay(demo: Shell) -> None:
    with Lines(demo, "list", "--filter", "api|docs", "--watch") as lines:
        lines.until("^docs ")
        assert demo("pause", "api").code == 0
        line = lines.until("api: paused, was running")
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ api: ", line)
        assert demo("resume", "api").code == 0
        lines.until("api: running, was paused")
        assert demo("pause", "metrics").code == 0
        assert demo("tag", "docs", "+watched").code == 0
        lines.until(r"docs: \+watched")
        assert not [line for line in lines.seen if "metrics" in line]
        assert "\x1b" not in "".join(lines.seen)
        assert "\r" not in "".join(lines.seen)


def test_changes_as_json_are_one_document_a_line(demo: Shell) -> None:
    with Lines(demo, "list", "--filter", "queue", "--watch", "--json") as lines:
        assert list(json.loads(lines.until("machines"))) == ["machines"]
        assert demo("pause", "queue").code == 0
        change = json.loads(lines.until('"removed"'))
        assert (change["machines"][0]["name"], change["machines"][0]["state"]) == ("queue", "paused")
        assert change["removed"] == []
        assert change["time"].endswith("Z")


def in_terminal(shell: Shell, *words: str, **variables: str) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            [*PROGRAM, *shell.before, *words],
            env={**shell.environment, **variables},
            stdin=theirs, stdout=theirs, stderr=theirs,
        ) as process:  # fmt: skip
            os.close(theirs)
            said = b""
            while piece := _read(ours):
                said += piece
            assert process.wait(LINE_SECONDS) == 0
    finally:
        os.close(ours)
    return said.decode()


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""  # the other end is closed


@pytest.mark.slow
@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
def test_a_terminal_without_utf8_gets_ascii_and_a_dumb_one_no_motion(demo: Shell, term: str) -> None:
    plain = {"LANG": "C", "TERM": term, "NO_COLOR": "1"}
    assert demo("note", "queue", "größer – schöner").code == 0
    for words in (["snapshot", "tree", "web-dev"], ["show", "queue"], ["list"], ["reboot", "cache"]):
        said = in_terminal(demo, *words, **plain)
        assert said.isascii(), said
        if term == "dumb":
            assert "\x1b" not in said
    assert "`-" in in_terminal(demo, "snapshot", "tree", "web-dev", **plain)
    assert "gr??er - sch?ner" in in_terminal(demo, "show", "queue", **plain)


def test_a_pipe_gets_names_as_they_are_whatever_the_locale(demo: Shell) -> None:
    assert demo("note", "queue", "größer").code == 0
    assert "größer" in demo("show", "queue", LANG="C").text
    assert "└─" not in demo("snapshot", "tree", "web-dev", LANG="C").text
    assert "└─" in demo("snapshot", "tree", "web-dev").text
