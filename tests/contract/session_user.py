"""A program: the session connection's story, told as the ordinary user it is given; prints JSON.

Started as root, since the user may not be able to read this source tree: it imports all it needs first.
"""

import asyncio
import json
import os
import sys
import uuid
from pathlib import Path

import libvirt_qemu  # noqa: F401 imported now, while it can be read

from clonebox_tui.model.machine import Forward, Share
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.spec import Boot, MachineSpec
from clonebox_tui.providers.libvirt.provider import LibvirtProvider
from tests.contract.sites import WAIT_SECONDS, Place, Site, open_place
from tests.fixtures.ports import free_port
from tests.guests.micro import COMMAND_LINE


def spec(home: Path, kernel: str, initrd: str) -> MachineSpec:
    """A machine whose files all lie in the user's home."""
    (home / "a shared folder").mkdir()
    return MachineSpec(
        name="cbl-session",
        uuid=str(uuid.uuid4()),
        vcpus=1,
        memory_bytes=192 * 1024**2,
        accelerator="tcg",
        disk_path=str(home / "disk.qcow2"),
        mac="52:54:00:0a:0b:0e",
        boot=Boot(kernel, initrd, COMMAND_LINE),
        shares=(Share(str(home / "a shared folder"), "/mnt/shared", "shared", "9p"),),
        forwards=(Forward(free_port(), 80),),
        log_path=str(home / "serial.log"),
    )


async def story(place: Place, wanted: MachineSpec) -> dict[str, object]:
    """Define, start, share, keep, go back, read the log, remove."""
    told: dict[str, object] = {"capabilities": place.provider.connection.capabilities}
    machine = await place.provider.define(wanted)
    try:
        await place.provider.start(machine.uuid)
        await place.until_agent(machine)
        mount = "mkdir -p /mnt/shared; mount -t 9p -o trans=virtio shared /mnt/shared && echo mounted"
        async with asyncio.timeout(WAIT_SECONDS):
            # Nobody tells when a guest has loaded its file systems.
            while "mounted" not in await place.run(machine, "/bin/sh", "-c", mount):  # noqa: ASYNC110
                await asyncio.sleep(0.3)
        await place.run(machine, "/bin/sh", "-c", "echo guest > /mnt/shared/file; echo before > /tmp/mark")
        try:
            await place.provider.create_snapshot(machine.uuid, "busy", "", memory=True, safety=False)
        except ProblemError as error:
            told["busy"] = error.problem.code
        await place.run(machine, "/bin/umount", "/mnt/shared")
        await place.provider.create_snapshot(machine.uuid, "one", "", memory=True, safety=False)
        await place.run(machine, "/bin/sh", "-c", "echo after > /tmp/mark")
        await place.provider.restore_snapshot(machine.uuid, "one")
        await place.until_agent(machine)
        told["mark"] = await place.run(machine, "/bin/cat", "/tmp/mark")
        told["log"] = (await place.provider.read_log(machine.uuid, "serial", 0, 1 << 16)).size
        told["qemu log"] = (await place.provider.read_log(machine.uuid, "qemu", 0, 1 << 16)).size
        told["started"] = (await place.provider.details(machine.uuid)).machine.started_at
    finally:
        await place.provider.kill(machine.uuid)
        await place.provider.undefine(machine.uuid)
    return told


async def tell(home: Path, kernel: str, initrd: str) -> None:
    """Open the session connection and tell the story."""
    async with open_place(Site(lambda: LibvirtProvider("qemu:///session"), lambda each: each)) as place:
        told = await story(place, spec(home, kernel, initrd))
    print(json.dumps(told))


def main() -> None:
    """Become the user, then tell."""
    number, group, home, kernel, initrd = sys.argv[1:]
    os.setgroups([])
    os.setgid(int(group))
    os.setuid(int(number))
    os.chdir(home)
    asyncio.run(tell(Path(home), kernel, initrd))


if __name__ == "__main__":
    main()
