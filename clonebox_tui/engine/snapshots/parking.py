"""Takes live shares out of a running machine and brings them back: QEMU cannot save a machine with them.

9p must be unmounted, virtiofs unmounted and unplugged. Never a lazy unmount: a share that is in use
stays, and the processes that use it are named.
"""

import asyncio
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from clonebox_tui.engine.act import StepRun
from clonebox_tui.engine.clone.shares import NINE_P, VIRTIOFS
from clonebox_tui.guest import execution
from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.machine import MachineDetails, Share
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.protocol import Provider

COMMAND_SECONDS = 30.0
PLUG_SECONDS = 20.0
"""A device that was plugged in is there for the guest only some time later."""
RETRY_SECONDS = 0.3
_OPEN_FILES = (
    "ls -ld /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd/* 2>/dev/null; exit 0"
)
_PROCESS = re.compile(r"/proc/(\d+)/\S+ -> (.+)")
_OPTIONS = {VIRTIOFS: "", NINE_P: ",trans=virtio,version=9p2000.L,msize=262144"}


class Mount(msgspec.Struct, frozen=True):
    """A share's place in the guest."""

    tag: str
    path: str


class Parking:
    """The shares of one running machine."""

    def __init__(self, provider: Provider, uuid: str, agent: Agent) -> None:
        self._provider = provider
        self._uuid = uuid
        self._agent = agent

    async def park(self, run: StepRun) -> None:
        """Unmount all, deepest first, and unplug virtiofs. SHARE_BUSY names who uses one."""
        details = await self._provider.details(self._uuid)
        mounts = await self.mounted(details.shares)
        await run.remember(parked=[[mount.tag, mount.path] for mount in mounts], parking=True)
        for mount in sorted(mounts, key=_depth, reverse=True):
            run.progress(f"unmounting {mount.path}")
            await self._unmount(mount, details.machine.name)
            run.log(f"Unmounted {mount.path}.")
        for share in details.shares:
            if share.driver == VIRTIOFS:
                run.progress(f"unplugging {share.guest or share.tag}")
                await self._provider.detach_share(self._uuid, share.tag)

    async def unpark(self, run: StepRun, mounts: Sequence[Mount]) -> tuple[str, ...]:
        """Plug in and mount again; a sentence for each share that could not be."""
        details = await self._provider.details(self._uuid)
        for share in details.shares:
            if share.driver == VIRTIOFS:
                await self._provider.attach_share(self._uuid, share)
        lacks = []
        by_tag = {share.tag: share for share in details.shares}
        for mount in sorted(mounts, key=_depth):
            run.progress(f"mounting {mount.path}")
            complaint = await self._mount(mount, by_tag.get(mount.tag))
            lacks += [f"{mount.path}: {complaint}"] if complaint else []
        return tuple(lacks)

    async def mounted(self, shares: Sequence[Share]) -> tuple[Mount, ...]:
        """Where the shares are mounted in the guest now."""
        if not shares:
            return ()
        tags = {share.tag for share in shares}
        listing = await execution.run(self._agent, ["mount"], timeout_seconds=COMMAND_SECONDS)
        found = (_parsed(line) for line in listing.text.splitlines())
        return tuple(mount for mount in found if mount is not None and mount.tag in tags)

    async def _unmount(self, mount: Mount, name: str) -> None:
        done = await execution.run(self._agent, ["umount", mount.path], timeout_seconds=COMMAND_SECONDS)
        if done.exit_code == 0:
            return
        users = await self._users(mount.path)
        raise problem(
            Code.SHARE_BUSY,
            f"The shared folder {mount.path} of {name} is in use.",
            why=", ".join(users) if users else done.complaint,
            next="End what uses it and try again, or stop the machine first: off, it needs no unmounting.",
            details=users,
        )

    async def _users(self, path: str) -> tuple[str, ...]:
        """Processes whose folder, program or open file lies below `path`, as `NAME (pid N)`."""
        listing = await execution.run(self._agent, ["sh", "-c", _OPEN_FILES], timeout_seconds=COMMAND_SECONDS)
        pids = list(dict.fromkeys(_users_in(listing.text, path)))[:10]
        return tuple([f"{await self._name(pid)} (pid {pid})" for pid in pids])

    async def _name(self, pid: str) -> str:
        found = await execution.run(
            self._agent, ["cat", f"/proc/{pid}/comm"], timeout_seconds=COMMAND_SECONDS
        )
        return found.text.strip() or "a process"

    async def _mount(self, mount: Mount, share: Share | None) -> str:
        """Mount one, again and again while its device is still coming; the last complaint, or nothing."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PLUG_SECONDS
        while True:
            complaint = await self._mount_once(mount, share)
            if not complaint or loop.time() > end:
                return complaint
            await asyncio.sleep(RETRY_SECONDS)

    async def _mount_once(self, mount: Mount, share: Share | None) -> str:
        if mount in await self.mounted([] if share is None else [share]):
            return ""
        attempts = [["mount", mount.path]]  # by /etc/fstab
        if share is not None:
            access = "ro" if share.readonly else "rw"
            options = f"{access}{_OPTIONS.get(share.driver, '')}"
            attempts.append(["mount", "-t", share.driver, "-o", options, share.tag, mount.path])
        complaint = ""
        for argv in attempts:
            done = await execution.run(self._agent, argv, timeout_seconds=COMMAND_SECONDS)
            # An entry with `nofail` may end well without having mounted anything.
            if share is not None and mount in await self.mounted([share]):
                return ""
            complaint = done.complaint
        return complaint


def parked(run: StepRun) -> tuple[Mount, ...]:
    """What `park` remembered."""
    pairs = msgspec.convert(run.memory.get("parked") or [], list[tuple[str, str]])
    return tuple(Mount(tag, path) for tag, path in pairs)


def expected(details: MachineDetails, also: Sequence[Mount]) -> tuple[Mount, ...]:
    """Where shares belong: what the spec says, and what was mounted before."""
    ours = [Mount(share.tag, share.guest) for share in details.shares if share.guest]
    return tuple(dict.fromkeys([*ours, *also]))


def _depth(mount: Mount) -> int:
    return len(PurePosixPath(mount.path).parts)


def _parsed(line: str) -> Mount | None:
    """A line of mount(8): `TAG on PATH type KIND (OPTIONS)`; the path may hold anything."""
    tag, on, rest = line.partition(" on ")
    path, kind, _ = rest.rpartition(" type ")
    return Mount(tag, path) if on and kind else None


def _users_in(listing: str, path: str) -> list[str]:
    found = (_PROCESS.search(line) for line in listing.splitlines())
    return [each[1] for each in found if each and (each[2] == path or each[2].startswith(f"{path}/"))]


def refuse_lacks(lacks: Sequence[str], name: str) -> None:
    """GUEST_ERROR that names every share that could not be mounted again."""
    if lacks:
        raise problem(
            Code.GUEST_ERROR,
            f"Shared folders of {name} could not be mounted again.",
            why=lacks[0],
            next="Look in the guest: `mount -a`; a reboot mounts them too.",
            details=tuple(lacks),
        )
