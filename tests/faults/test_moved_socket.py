"""libvirtd goes away and comes back at another socket, as an upgrade to its modular daemons does it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.providers import provider_for
from tests.faults.second_libvirtd import SecondLibvirtd

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a second daemon"),
]

_NAME = "cbx-moved"
_XML = (
    f"<domain type='qemu'><name>{_NAME}</name><memory unit='MiB'>64</memory>"
    "<os><type arch='x86_64' machine='q35'>hvm</type></os></domain>"
)
_SECONDS = 90.0


@pytest.fixture
def daemon() -> Iterator[SecondLibvirtd]:
    """With one machine that is off."""
    made = SecondLibvirtd()
    try:
        made.start()
        connection = libvirt.open(made.uri)
        connection.defineXML(_XML)
        connection.close()
        yield made
    finally:
        made.close()


def _move(daemon: SecondLibvirtd) -> Path:
    """Restart it at the socket of the modular daemon; nobody ever listens at the old one again."""
    old, new = daemon.root / "sock", daemon.root / "new"
    new.mkdir()
    daemon.signal(signal.SIGKILL)
    (old / "libvirt-sock").unlink()
    settings = daemon.root / "etc/libvirtd.conf"
    settings.write_text(settings.read_text().replace(str(old), str(new)))
    daemon.uri = daemon.uri.replace(str(old), str(new))
    daemon.start()
    (old / "virtqemud-sock").symlink_to(new / "libvirt-sock")
    return old / "virtqemud-sock"


async def _line(stream: asyncio.StreamReader, wanted: str) -> None:
    async with asyncio.timeout(_SECONDS):
        while (line := (await stream.readline()).decode().strip()) != wanted:
            assert line, "the watcher ended"


async def test_a_socket_that_libvirt_itself_finds_is_found(daemon: SecondLibvirtd, checkout: Path) -> None:
    words = [sys.executable, "-m", "tests.faults.watch_socket", str(daemon.root / "sock")]
    watcher = await asyncio.create_subprocess_exec(
        "unshare", "--mount", "--propagation", "private", *words, cwd=checkout, stdout=subprocess.PIPE
    )
    assert watcher.stdout is not None
    try:
        await _line(watcher.stdout, f"up {_NAME}")
        await asyncio.to_thread(_move, daemon)
        await _line(watcher.stdout, f"down {_NAME}")
        await _line(watcher.stdout, f"up {_NAME}")
    finally:
        watcher.kill()
        await watcher.wait()


async def test_a_socket_that_was_named_is_missed_and_the_new_one_told(daemon: SecondLibvirtd) -> None:
    fleet = Fleet(provider_for)
    uri = daemon.uri
    fleet.add(uri)
    await fleet.opened(60)
    moved = await asyncio.to_thread(_move, daemon)

    def told(now: Connection) -> bool:
        return now.link is Link.DOWN and now.problem is not None and str(moved) in now.problem.next

    try:
        async with asyncio.timeout(_SECONDS):
            while not told(fleet.connections[uri]):  # noqa: ASYNC110 each try brings its own words
                await asyncio.sleep(0.05)
        assert [machine.name for machine in fleet.machines.values()] == [_NAME]
        again = Fleet(provider_for)
        again.add(uri.replace("libvirt-sock", "virtqemud-sock"))
        await again.opened(60)
        assert [machine.name for machine in again.machines.values()] == [_NAME]
        await again.close()
    finally:
        await fleet.close()
