"""A libvirt link that cannot be made, or breaks, is said with its reason and made again by itself."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from clonebox_tui.model.connection import Link
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.providers.libvirt import provider
from tests.contract.sites import Told

_DAEMON = "/run/libvirt/libvirt-sock"
_NODE = """<node>
  <domain type='test'>
    <name>from-a-file</name><uuid>5f1c6b0e-0000-4000-8000-0000000000aa</uuid>
    <memory unit='MiB'>64</memory><vcpu>3</vcpu><os><type>hvm</type></os>
  </domain>
</node>"""


async def test_a_world_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "node.xml"
    file.write_text(_NODE)
    link = provider(f"test://{file}")
    await link.open(Told())
    try:
        (machine,) = await link.machines()
    finally:
        await link.close()
    assert (machine.name, machine.vcpus, machine.state) == ("from-a-file", 3, State.RUNNING)
    assert machine.id == f"test://{file}/5f1c6b0e-0000-4000-8000-0000000000aa"
    assert not machine.managed


@pytest.mark.parametrize(
    ("uri", "next"),
    [
        ("qemu+unix:///system?socket=/nowhere/libvirt-sock", "Start libvirt"),
        ("test:///nowhere/node.xml", "Check the file"),
    ],
)
async def test_a_daemon_that_is_not_there_is_down_with_its_reason(uri: str, next: str) -> None:
    told, link = Told(), provider(uri)
    await link.open(told)
    try:
        connection = link.connection
        assert connection.link is Link.DOWN
        assert connection.retry_at is not None
        assert connection.problem is not None
        assert connection.problem.code is Code.CONNECTION_FAILED
        assert "nowhere" in connection.problem.why
        assert next in connection.problem.next
        with pytest.raises(ProblemError) as refused:
            await link.machines()
        assert refused.value.problem.code is Code.CONNECTION_LOST
        await told.until(lambda: told.connections[-1].attempt >= 2)
    finally:
        await link.close()


class _Door:
    """A socket in front of the daemon that the test can shut: nobody else's connection is touched."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._server: asyncio.Server | None = None
        self._pumps: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._enter, self.path)

    async def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(_DAEMON)
        for source, sink in ((reader, inner_writer), (inner_reader, writer)):
            pump = asyncio.create_task(_pump(source, sink))
            self._pumps.add(pump)
            pump.add_done_callback(self._pumps.discard)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    finally:
        with contextlib.suppress(OSError):
            sink.close()


@pytest.mark.qemu
@pytest.mark.skipif(not Path(_DAEMON).exists(), reason=f"no libvirt daemon listens on {_DAEMON}")
async def test_a_lost_daemon_is_told_at_once_and_found_again(world: Path) -> None:
    door = _Door(world / "door")
    await door.open()
    told, link = Told(), provider(f"qemu+unix:///system?socket={door.path}")
    await link.open(told)
    try:
        assert link.connection.link is Link.UP
        await link.machines()
        await door.shut()
        await told.until(lambda: told.connections[-1].link is Link.DOWN)
        lost = told.connections[-1]
        assert lost.problem is not None
        assert lost.problem.code is Code.CONNECTION_LOST
        door.path.unlink(missing_ok=True)
        await door.open()
        await told.until(lambda: told.connections[-1].link is Link.UP)
        assert await link.machines() is not None
    finally:
        await link.close()
        await door.shut()
