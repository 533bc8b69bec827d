"""`cp` against a real guest: files and folders, both ways, whole or not at all, going on where it was."""

import hashlib
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.shell import LONGEST_SECONDS, Shell
from tests.guests.fixtures import SYSTEM, MicroMachine

pytestmark = pytest.mark.qemu


@pytest.fixture
def system() -> Iterator[Shell]:
    """A shell whose every command goes to the system's libvirt."""
    shell = Shell("--connect", SYSTEM)
    yield shell
    shell.close()


def test_files_go_both_ways_and_only_whole(micro_machine: MicroMachine, system: Shell) -> None:
    name, here = micro_machine.name, system.root
    content = os.urandom(1_500_000)
    source = here / "a ü'$x.bin"
    source.write_bytes(content)
    source.chmod(0o640)
    said = system("cp", str(source), f"{name}:/tmp")
    assert said.code == 0
    assert re.search(r"copying, [\d.]+ \w?i?B of 1\.4 MiB, \d+ %", said.errors), said.errors
    said = system(
        "exec", name, "--", "sh", "-c", 'sha256sum <"$1"; stat -c %a "$1"', "sh", f"/tmp/{source.name}"
    )
    assert said.text.split() == [hashlib.sha256(content).hexdigest(), "-", "640"]
    back = here / "back"
    said = system("cp", f"{name}:/tmp/{source.name}", "back")
    assert said.code == 0, said.errors
    assert back.read_bytes() == content
    assert back.stat().st_mode & 0o777 == 0o640
    # A file of /proc says that it is empty, and is not.
    assert system("cp", f"{name}:/proc/version", str(here)).code == 0
    assert (here / "version").read_text().startswith("Linux version")
    # What is there already is not replaced without a yes.
    back.write_text("mine")
    assert system("cp", f"{name}:/tmp/{source.name}", "back").errors.count("(not-confirmed)") == 1
    assert back.read_text() == "mine"
    assert system("cp", "--yes", f"{name}:/tmp/{source.name}", "back").code == 0
    assert back.read_bytes() == content
    assert not [path for path in here.iterdir() if path.name.endswith(".part")]


def test_folders_go_both_ways(micro_machine: MicroMachine, system: Shell) -> None:
    name, here = micro_machine.name, system.root
    tree = here / "tree"
    (tree / "deep er").mkdir(parents=True)
    (tree / "deep er" / "line\nend").write_text("odd name")
    (tree / "empty").mkdir()
    (tree / "tool").write_text("#!/bin/sh\n")
    (tree / "tool").chmod(0o755)
    (tree / "link").symlink_to("tool")
    os.mkfifo(tree / "socket")
    said = system("cp", str(tree), f"{name}:/tmp/")
    assert said.code == 0
    assert said.errors.count("Left out: ") == 1
    assert "Left out: socket: it is no file" in said.errors
    # What leads out of the folder must not come out of the guest.
    system("exec", name, "--", "sh", "-c", "cd /tmp/tree && ln -s /etc/passwd out && mkfifo pipe")
    said = system("cp", f"{name}:/tmp/tree", "copy")
    assert said.code == 0
    assert re.findall(r"Left out: (\w+): it leads out of", said.errors) in (["out", "pipe"], ["pipe", "out"])
    copy = here / "copy"
    found = sorted(str(path.relative_to(copy)) for path in copy.rglob("*"))
    assert found == ["deep er", "deep er/line\nend", "empty", "link", "tool"]
    assert (copy / "deep er" / "line\nend").read_text() == "odd name"
    assert (copy / "tool").stat().st_mode & 0o777 == 0o755
    assert (copy / "link").readlink() == Path("tool")
    assert system("cp", f"{name}:/tmp/tree", "copy").code == 0  # into it
    assert (copy / "tree" / "tool").is_file()
    assert system("cp", f"{name}:/tmp/tree", "copy").errors.count("(name-taken)") == 1


def test_a_copy_that_broke_off_goes_on(micro_machine: MicroMachine, system: Shell) -> None:
    name, here = micro_machine.name, system.root
    content = os.urandom(10_000_000)
    (here / "big").write_bytes(content)
    assert system("list").code == 0  # the worker is there
    pid = int(str(system("worker", "status", "--json").records("workers")[0]["pid"]))
    copying = system.start("cp", "big", f"{name}:/tmp/big")
    parts = ("exec", name, "--", "sh", "-c", "cat /tmp/.big.*.part 2>/dev/null | wc -c")
    _until(lambda: int(system(*parts).text) > 500_000)
    os.kill(pid, signal.SIGKILL)
    copying.communicate(timeout=LONGEST_SECONDS)
    came = int(system(*parts).text)
    assert 0 < came < len(content)
    assert system("exec", name, "--", "ls", "/tmp/big").code != 0
    said = system("cp", "--json", "big", f"{name}:/tmp/big")
    assert said.code == 0
    log = system("job", "log", str(said.records("jobs")[0]["id"])).text
    assert "of an earlier try" in log
    said = system("exec", name, "--", "sha256sum", "/tmp/big")
    assert said.text.split()[0] == hashlib.sha256(content).hexdigest()
    assert int(system(*parts).text) == 0


def test_what_cannot_be_copied_says_why(micro_machine: MicroMachine, system: Shell) -> None:
    name = micro_machine.name
    assert system("cp", "a", "b").code == 2
    assert system("cp", f"{name}:/no/such", ".").code == 3
    assert system("cp", "nothing-here", f"{name}:/tmp").code == 3
    assert system("cp", f"{name}:/dev/null", ".").code == 6
    assert system("cp", f"{name}:/proc/version", "no/such/folder").code == 3


def test_a_full_disk_is_told_as_one(micro_machine: MicroMachine, system: Shell) -> None:
    name, here = micro_machine.name, system.root
    (here / "much").write_bytes(bytes(3_000_000))
    small = "mkdir /tmp/small && mount -t tmpfs -o size=1m small /tmp/small"
    assert system("exec", name, "--", "sh", "-c", small).code == 0
    said = system("cp", "much", f"{name}:/tmp/small/")
    assert "has no room left" in said.errors
    assert "Make room in the guest" in said.errors
    assert "(disk-full)" in said.errors


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not holds():
        assert time.monotonic() < deadline


def test_what_was_copied_is_listed(micro_machine: MicroMachine, system: Shell) -> None:
    name = micro_machine.name
    script = "mkdir -p '/tmp/li st/b'; cd '/tmp/li st'; printf abc >'a ü'; ln -s b link; chmod 640 'a ü'"
    assert system("exec", name, "--", "sh", "-c", script).code == 0
    entries = system("ls", f"{name}:/tmp/li st", "--json").records("entries")
    named = [(each["name"], each["kind"]) for each in entries]
    assert named == [("b", "folder"), ("a ü", "file"), ("link", "link")]
    assert (entries[1]["size_bytes"], entries[1]["mode"]) == (3, 0o640)
    assert "-rw-r-----" in system("ls", f"{name}:/tmp/li st").text
    assert system("ls", f"{name}:/tmp/absent").code == 3
