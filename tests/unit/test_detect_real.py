"""Detection on the machine the tests run on agrees with dpkg and with a port we open ourselves."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clonebox_tui import config
from clonebox_tui.engine.detect import detect, read_host_limits, to_wish
from clonebox_tui.model.environment import ApplicationFacts, DetectedItem, DetectedKind, PortFacts

pytestmark = pytest.mark.skipif(shutil.which("dpkg") is None, reason="this host has no dpkg")


@pytest.fixture
def sleeping() -> Iterator[subprocess.Popen[bytes]]:
    """A real program of a real package."""
    process = subprocess.Popen(["/bin/sleep", "60"])
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def listening() -> Iterator[int]:
    """A port of our own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def manual_by_apt() -> set[str]:
    """What apt itself says."""
    done = subprocess.run(["apt-mark", "showmanual"], capture_output=True, text=True, check=True)
    return {name.partition(":")[0] for name in done.stdout.split()}


async def detected(directory: Path) -> dict[str, DetectedItem]:
    return {item.id: item async for item in detect(directory, dict(os.environ))}


def owner_by_dpkg(path: str) -> str:
    """What dpkg itself says (either spelling of a merged /usr)."""
    for spelling in (path, f"/usr{path}"):
        done = subprocess.run(["dpkg", "-S", spelling], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.partition(":")[0]
    return ""


async def test_a_program_we_start_is_traced_to_dpkgs_package(
    sleeping: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    found = await detected(tmp_path)
    package = owner_by_dpkg("/bin/sleep")
    facts = found[f"application:{package}"].facts
    assert isinstance(facts, ApplicationFacts)
    assert sleeping.pid in facts.pids


async def test_a_port_we_open_is_found_with_our_pid(listening: int, tmp_path: Path) -> None:
    facts = (await detected(tmp_path))[f"port:{listening}/tcp"].facts
    assert isinstance(facts, PortFacts)
    assert (facts.pid, facts.loopback, facts.address, facts.family) == (
        os.getpid(),
        True,
        "127.0.0.1",
        "ipv4",
    )


async def test_packages_are_what_apt_calls_manual(tmp_path: Path) -> None:
    found = await detected(tmp_path)
    packages = {item.name for item in found.values() if item.kind is DetectedKind.PACKAGE}
    assert packages == manual_by_apt()


async def test_it_takes_less_than_five_seconds_and_the_first_items_come_early(tmp_path: Path) -> None:
    # CPU time: what else runs on this host is no part of the promise.
    started = sum(os.times()[:4])
    times = [sum(os.times()[:4]) - started async for _ in detect(tmp_path, {"HOME": "/"})]
    assert times[-1] < 5
    assert times[0] < times[-1]


async def test_everything_suggested_makes_a_file_that_loads_without_a_warning(tmp_path: Path) -> None:
    items = list((await detected(tmp_path)).values())
    wish = to_wish([item for item in items if item.suggested], tmp_path, limits=read_host_limits(tmp_path))
    loaded = config.load_text(tmp_path / ".clonebox.yaml", config.render(wish, items), config.Request({}))
    assert loaded.wish == wish
    assert loaded.faults == ()
    assert [share.host for share in wish.shares] == [str(tmp_path)]
