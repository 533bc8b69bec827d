"""Surveys the host of a connection, and puts right what needs nobody's consent."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterable
from pathlib import Path

import msgspec

from clonebox_tui.engine import process
from clonebox_tui.engine.doctor import host
from clonebox_tui.engine.doctor.tools import OK, WARNING, module_check, tool_checks
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.leftovers import leftovers, remove
from clonebox_tui.model.connection import Link
from clonebox_tui.model.environment import HostLimits
from clonebox_tui.model.job import Job
from clonebox_tui.model.places import Places
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.rpc import Check, Survey
from clonebox_tui.store.damage import set_aside_beside

_DAEMON_SECONDS = 20.0


class Doctor:
    """`accelerator` gives (`kvm` or `tcg`, why); `limits` reads the host's, for the place of disks."""

    def __init__(
        self,
        fleet: Fleet,
        places: Places,
        accelerator: Callable[[], Awaitable[tuple[str, str]]],
        limits: Callable[[Path], HostLimits],
        jobs: Callable[[], Iterable[Job]] = tuple,
    ) -> None:
        self._fleet = fleet
        self._places = places
        self._accelerator = accelerator
        self._limits = limits
        self._jobs = jobs

    async def survey(self, connection: str = "") -> Survey:
        """Everything that can be said; empty: the first connection that is up, else the first."""
        uri = connection or self._first()
        folder = self._places.images(uri)
        limits = await asyncio.to_thread(self._limits, folder)
        link = host.connection_check(self._fleet.connections.get(uri), uri)
        if is_remote(uri):
            return Survey((link,), limits, "tcg", "it is another host: ask its own doctor, with --host")
        store = host.store_check(await asyncio.to_thread(set_aside_beside, self._places.database))
        if uri.startswith(("simulated", "test")):
            return Survey(
                (link, host.memory_check(limits), store), limits, "tcg", "nothing really runs there"
            )
        accelerator, reason = await self._accelerator()
        speed = Check("acceleration", OK if accelerator == "kvm" else WARNING, f"{accelerator}: {reason}")
        checks = await asyncio.to_thread(self._files, folder, limits)
        checks.append(store)
        checks.append(host.leftovers_check(await leftovers(self._fleet, self._places, uri, self._jobs())))
        return Survey((module_check(), link, *self._others(uri), speed, *checks), limits, accelerator, reason)

    async def fix(self, names: Collection[str] = ()) -> Survey:
        """Start the daemon (as root), make the folder, remove left-overs; survey. It installs nothing."""
        uri = self._first()
        before = await self.survey(uri)
        wanted = {
            check.name for check in before.checks if check.fixable and (not names or check.name in names)
        }
        if host.FOLDER in wanted:
            folder = self._places.images(uri)
            # QEMU's own user has to walk through the system connection's folder.
            mode = 0o700 if folder == self._places.data else 0o711
            await asyncio.to_thread(_make_folder, folder, mode)
        if host.LEFTOVERS in wanted:
            await remove(await leftovers(self._fleet, self._places, uri, self._jobs()))
        if host.DAEMON in wanted:
            await self._start_daemon(uri)
        return await self.survey(uri)

    def _others(self, uri: str) -> list[Check]:
        """Connections beside the one that is looked at: what they lack is no problem of this one."""
        others = [connection for other, connection in self._fleet.connections.items() if other != uri]
        checks = [host.connection_check(connection, connection.uri) for connection in others]
        return [
            msgspec.structs.replace(
                check,
                name=f"{check.name} {connection.uri}",
                state=OK if check.state == OK else WARNING,
                fixable=False,
            )
            for check, connection in zip(checks, others, strict=True)
        ]

    def _first(self) -> str:
        connections = self._fleet.connections
        up = [uri for uri, connection in connections.items() if connection.link is Link.UP]
        up.sort(key=is_remote)
        return next(iter(up), next(iter(connections), "qemu:///system"))

    @staticmethod
    def _files(folder: Path, limits: HostLimits) -> list[Check]:
        return [
            *tool_checks(),
            host.disk_check(limits, folder),
            host.memory_check(limits),
            host.folder_check(folder),
            _image_check(folder),
        ]

    async def _start_daemon(self, uri: str) -> None:
        if await asyncio.to_thread(Path("/run/systemd/system").is_dir):
            await process.run(["systemctl", "start", "virtlogd.socket", "libvirtd.service"])
        else:
            await process.run(["virtlogd", "-d"])
            await process.run(["libvirtd", "-d"])
        # The link comes back by itself; how long that takes is its own affair.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DAEMON_SECONDS):
                await self._until_up(uri)

    async def _until_up(self, uri: str) -> None:
        arrived = asyncio.Event()
        leave = self._fleet.subscribe(lambda _changes: arrived.set())
        try:
            while self._fleet.connections[uri].link is not Link.UP:
                arrived.clear()
                await arrived.wait()
        finally:
            leave()


def _image_check(folder: Path) -> Check:
    found = sorted(path.parent.name for path in (folder / "images").glob("*/image.json"))
    if found:
        return Check("base image", OK, ", ".join(found))
    fix = "clonebox-tui image build (the first clone does it, too)"
    return Check("base image", WARNING, "none yet: the first clone builds it, which takes minutes", fix)


def _make_folder(folder: Path, mode: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
