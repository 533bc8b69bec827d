"""A running machine whose disk has no room left on the host: paused, explained, and nothing of it lost."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.faults.shrinking import SmallDisk
from tests.guests.fixtures import SYSTEM, MachineMaker

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small file system"),
]

_SECONDS = 240.0
_FILL = "dd if=/dev/urandom of=/tmp/a bs=1M count=8 && cp /tmp/a /mnt/vda/a && sync && touch /tmp/done"


@pytest.fixture
def disk(machine_folder: Path) -> Iterator[SmallDisk]:
    """What holds the machine's disk."""
    made = SmallDisk(machine_folder)
    yield made
    made.close()


@pytest.fixture
def shell() -> Iterator[Shell]:
    """The program on the system daemon."""
    made = Shell("--connect", SYSTEM)
    yield made
    made.close()


def _eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_it_is_paused_explained_and_goes_on(
    disk: SmallDisk, micro_machines: MachineMaker, shell: Shell
) -> None:
    machine = micro_machines()
    mounted = ("exec", machine.name, "--", "test", "-d", "/mnt/vda/lost+found")
    _eventually(lambda: shell(*mounted).code == 0)
    disk.leave(0)
    shell("exec", machine.name, "--", "sh", "-c", f"setsid sh -c '{_FILL}' >/dev/null 2>&1 &")

    def listed() -> dict[str, object]:
        found = shell("list", "--json").records("machines")
        return next(each for each in found if each["name"] == machine.name)

    _eventually(lambda: listed().get("trouble") == "disk-full")
    assert listed()["state"] == "paused"
    assert "disk-full" in shell("list").text
    told = " ".join(shell("show", machine.name).text.split())
    assert "no room left" in told
    assert "Make room there, then resume it" in told

    assert shell("resume", machine.name).code != 0  # the disk is as full as before
    disk.grow()
    assert shell("resume", machine.name).code == 0
    written = ("exec", machine.name, "--", "test", "-e", "/tmp/done")
    _eventually(lambda: shell(*written).code == 0)
    assert shell("exec", machine.name, "--", "cmp", "/tmp/a", "/mnt/vda/a").code == 0
    assert (listed()["state"], listed().get("trouble")) == ("running", None)
