"""From Enter to a machine that is ready, beside a boot of the same image with nothing of ours around it."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import libvirt
import msgspec

from clonebox_tui.engine.clone import keys, seed
from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.images import metadata
from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.files import read_file
from clonebox_tui.model.acts import CloneMachine, DeleteMachine
from clonebox_tui.model.environment import GIBIBYTE, MEBIBYTE
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import AgentState, Machine, machine_id
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.spec import Boot
from tests.bench.figures import Figure, median
from tests.bench.machines import SYSTEM, command
from tests.engine.clone_workshop import WISH, GivenBase, Workshop, workshop
from tests.guests import domain as domains
from tests.guests.debian_image import base_image
from tests.guests.micro import MicroGuest
from tests.guests.places import discard, shared_folder

_FIRST_BOOT_DONE = "/run/cloud-init/result.json"
_MACHINES = Path("/var/lib/libvirt/images/clonebox/machines")
_LOOK_SECONDS = 0.1
_BOOT_SECONDS = 1_800.0
_MEMORY_MIB = 512
_CDROM = (
    "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
    "<source file='{path}'/><target dev='sda' bus='sata'/><readonly/></disk>"
)


class Boots(NamedTuple):
    """Seconds until it is ready, from Enter or from `virsh start` on, and the CPU seconds that QEMU took."""

    ready: float
    cpu: float
    agent: float = 0.0
    """Until the agent answered."""


def measure(repetitions: int) -> Iterator[Figure]:
    """Of the Debian image, which is kept; a boot takes a minute where it is emulated, so these are few."""
    pairs = asyncio.run(_side_by_side(base_image(), max(1, repetitions // 2)))
    name, ours = "clone, Enter to ready", median(mine.ready for mine, _ in pairs)
    spent, other = (median(pair[side].cpu for pair in pairs) for side in (0, 1))
    note = f"{len(pairs)} pairs; QEMU's CPU {spent:.1f} s by {other:.1f}, {spent / other:.2f} ×"
    first_boot, agent = median(bare.ready for _, bare in pairs), median(bare.agent for _, bare in pairs)
    yield Figure(name, "s", ours, first_boot, "bare first boot of the same image", 1.1, note=note)
    yield Figure(f"{name}, by the agent alone", "s", ours, agent, "bare boot until the agent answers")


async def _side_by_side(image: Path, count: int) -> list[tuple[Boots, Boots]]:
    """Ours and the bare one at the same time: in turn, so long boots would not have the same company."""
    boot = _boot_of(image)
    base = GivenBase(Base(image.name, str(image / metadata.DISK), boot=boot))
    with tempfile.TemporaryDirectory(prefix="cbb-", dir="/tmp") as world:
        async with workshop(SYSTEM, Path(world), base) as shop:
            return [
                await asyncio.gather(_our_clone(shop, world), _bare_boot(shop, image, boot))
                for _ in range(count)
            ]


def _boot_of(image: Path) -> Boot:
    found = metadata.read(image)
    direct = metadata.kernel_boot(found, image) if found else None
    assert direct is not None
    return Boot(str(direct.kernel), str(direct.initrd), direct.command_line)


async def _our_clone(shop: Workshop, world: str) -> Boots:
    """A machine without packages and shares; it is deleted again."""
    wish = msgspec.structs.replace(
        WISH, name=domains.unique_name("cbb"), memory_bytes=_MEMORY_MIB * MEBIBYTE, disk_bytes=6 * GIBIBYTE
    )
    connection = libvirt.open(SYSTEM)
    try:
        at = time.perf_counter()
        job = await shop.run(CloneMachine(SYSTEM, wish, world, ""))
        took = time.perf_counter() - at
        if job.state is not JobState.SUCCEEDED or job.result is None:
            raise RuntimeError(f"the clone did not become ready: {job.problem}")
        cpu = _cpu_seconds(connection.lookupByName(wish.name))
        await shop.run(DeleteMachine(str(job.result["machine"])))
        return Boots(took, cpu)
    finally:
        # Where the other one failed, nobody waits for this job to be undone.
        domains.remove(connection, wish.name)
        connection.close()
        discard(_MACHINES / wish.name)


async def _bare_boot(shop: Workshop, image: Path, boot: Boot) -> Boots:
    """A layer, a seed and a definition by hand, made before the clock runs."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=shared_folder()))
    folder.chmod(0o755)  # noqa: ASYNC240
    name = domains.unique_name("cbb")
    connection = libvirt.open(SYSTEM)
    try:
        disk, medium = folder / "disk.qcow2", folder / "seed.iso"
        layer = ("-f", "qcow2", "-F", "qcow2", "-b", str(image / metadata.DISK), str(disk), "6G")
        command("qemu-img", "create", "-q", *layer)
        seed.write_seed(
            medium, seed.user_data(_first_boot_of(name)), seed.meta_data(seed.MetaData(name, name))
        )
        guest = MicroGuest(Path(boot.kernel), Path(boot.initrd), boot.command_line)
        cdrom = _CDROM.format(path=medium)
        xml = domains.micro_xml(guest, name, disk=disk, devices=cdrom, memory_mib=_MEMORY_MIB)
        domain = connection.defineXML(xml)
        return await _watched(shop, domain, name)
    finally:
        domains.remove(connection, name)
        connection.close()
        discard(folder)


def _first_boot_of(name: str) -> seed.CloudConfig:
    """What a clone's first boot is told as well: a user, and a host key, so that no other is made."""
    host, login = keys.fresh_pair("host"), keys.fresh_pair("login")
    users = [seed.User(WISH.username, WISH.uid, [login.public])]
    return seed.CloudConfig(name, users, seed.HostKeys(host.private, host.public))


async def _watched(shop: Workshop, domain: libvirt.virDomain, name: str) -> Boots:
    machine = machine_id(SYSTEM, domain.UUIDString())
    at = time.perf_counter()
    await asyncio.to_thread(command, "virsh", "-q", "-c", SYSTEM, "start", name)
    if not await shop.fleet.wait_until(machine, _connected, _BOOT_SECONDS):
        raise TimeoutError(f"the agent of {name} did not come")
    agent = Agent(*shop.fleet.provider_of(machine))
    await _until(agent.ping)
    answered = time.perf_counter() - at
    await _until(lambda: read_file(agent, _FIRST_BOOT_DONE))
    return Boots(time.perf_counter() - at, _cpu_seconds(domain), answered)


def _cpu_seconds(domain: libvirt.virDomain) -> float:
    return float(domain.info()[4]) / 1e9


async def _until(asked: Callable[[], Awaitable[object]]) -> None:
    """Ask until there is an answer."""
    deadline = time.perf_counter() + _BOOT_SECONDS
    while True:
        try:
            await asked()
        except ProblemError:
            if time.perf_counter() > deadline:
                raise
            await asyncio.sleep(_LOOK_SECONDS)
        else:
            return


def _connected(machine: Machine | None) -> bool:
    return machine is not None and machine.agent is AgentState.CONNECTED
