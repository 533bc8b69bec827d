"""Detection on the machine the tests run on agrees with dpkg and with a port we open ourselves."""

import asyncio
import os
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from clonebox_tui import config
from clonebox_tui.engine.detect import detect, read_host_limits, to_wish
from clonebox_tui.model.environment import ApplicationFacts, DetectedItem, DetectedKind, PortFacts

pytestmark = [
    pytest.mark.skipif(shutil.which("dpkg") is None, reason="this host has no dpkg"),
    pytest.mark.xdist_group("detection of this host"),
]


@dataclass(frozen=True)
class Scan:
    """What one detection found in a host on which a program of ours ran and a port of ours was open."""

    folder: Path
    items: dict[str, DetectedItem]
    cpu_seconds: list[float]
    """Spent when each item came."""
    sleeper: int
    port: int


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """One for all tests: it costs seconds."""
    folder = tmp_path_factory.mktemp("project")
    with socket.create_server(("127.0.0.1", 0)) as server:
        sleeper = subprocess.Popen(["/bin/sleep", "600"])
        try:
            items, seconds = asyncio.run(_detected(folder))
        finally:
            sleeper.kill()
            sleeper.wait()
        return Scan(folder, items, seconds, sleeper.pid, server.getsockname()[1])


async def _detected(folder: Path) -> tuple[dict[str, DetectedItem], list[float]]:
    items: dict[str, DetectedItem] = {}
    seconds: list[float] = []
    # CPU time: what else runs on this host is no part of the promise.
    started = sum(os.times()[:4])
    async for item in detect(folder, {"HOME": "/"}):
        items[item.id] = item
        seconds.append(sum(os.times()[:4]) - started)
    return items, seconds


def manual_by_apt() -> set[str]:
    """What apt itself says."""
    done = subprocess.run(["apt-mark", "showmanual"], capture_output=True, text=True, check=True)
    return {name.partition(":")[0] for name in done.stdout.split()}


def owner_by_dpkg(path: str) -> str:
    """What dpkg itself says (either spelling of a merged /usr)."""
    for spelling in (path, f"/usr{path}"):
        done = subprocess.run(["dpkg", "-S", spelling], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.partition(":")[0]
    return ""


def test_a_program_we_start_is_traced_to_dpkgs_package(scan: Scan) -> None:
    facts = scan.items[f"application:{owner_by_dpkg('/bin/sleep')}"].facts
    assert isinstance(facts, ApplicationFacts)
    assert scan.sleeper in facts.pids


def test_a_port_we_open_is_found_with_our_pid(scan: Scan) -> None:
    facts = scan.items[f"port:{scan.port}/tcp"].facts
    assert isinstance(facts, PortFacts)
    assert (facts.pid, facts.loopback, facts.address, facts.family) == (
        os.getpid(),
        True,
        "127.0.0.1",
        "ipv4",
    )


def test_packages_are_what_apt_calls_manual(scan: Scan) -> None:
    packages = {item.name for item in scan.items.values() if item.kind is DetectedKind.PACKAGE}
    assert packages == manual_by_apt()


def test_it_takes_less_than_five_seconds_and_the_first_items_come_early(scan: Scan) -> None:
    assert scan.cpu_seconds[-1] < 5
    assert scan.cpu_seconds[0] < scan.cpu_seconds[-1]


def test_everything_suggested_makes_a_file_that_loads_without_a_warning(scan: Scan) -> None:
    items, folder = list(scan.items.values()), scan.folder
    wish = to_wish([item for item in items if item.suggested], folder, limits=read_host_limits(folder))
    loaded = config.load_text(folder / ".clonebox.yaml", config.render(wish, items), config.Request({}))
    assert loaded.wish == wish
    assert loaded.faults == ()
    assert [share.host for share in wish.shares] == [str(folder)]
