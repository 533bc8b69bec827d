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
_LOOK_SECONDS = 0.1
_BOOT_SECONDS = 900.0
_MEMORY_MIB = 512
_CDROM = (
    "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
    "<source file='{path}'/><target dev='sda' bus='sata'/><readonly/></disk>"
)


class BareBoot(NamedTuple):
    """Seconds from `virsh start` to each of the two."""

    agent: float
    first_boot: float


def measure(repetitions: int) -> Iterator[Figure]:
    """Of the Debian image, which is kept; a boot takes a minute where it is emulated, so these are few."""
    ours, bare = asyncio.run(_in_turn(base_image(), max(1, repetitions // 2)))
    name = "clone, Enter to ready"
    yield Figure(name, "s", median(ours), median(each.first_boot for each in bare),
                 "bare first boot of the same image", 1.1, note=f"{len(ours)} pairs")  # fmt: skip
    yield Figure(f"{name}, by the agent alone", "s", median(ours), median(each.agent for each in bare),
                 "bare boot until the agent answers")  # fmt: skip


async def _in_turn(image: Path, count: int) -> tuple[list[float], list[BareBoot]]:
    boot = _boot_of(image)
    base = GivenBase(Base(image.name, str(image / metadata.DISK), boot=boot))
    ours: list[float] = []
    bare: list[BareBoot] = []
    with tempfile.TemporaryDirectory(prefix="cbb-", dir="/tmp") as world:
        async with workshop(SYSTEM, Path(world), base) as shop:
            for number in range(count):
                # The one that comes second finds a warmer host.
                for is_ours in (True, False) if number % 2 else (False, True):
                    if is_ours:
                        ours.append(await _our_clone(shop, world))
                    else:
                        bare.append(await _bare_boot(shop, image, boot))
    return ours, bare


def _boot_of(image: Path) -> Boot:
    found = metadata.read(image)
    direct = metadata.kernel_boot(found, image) if found else None
    assert direct is not None
    return Boot(str(direct.kernel), str(direct.initrd), direct.command_line)


async def _our_clone(shop: Workshop, world: str) -> float:
    """A machine without packages and shares; it is deleted again."""
    wish = msgspec.structs.replace(
        WISH, name=domains.unique_name("cbb"), memory_bytes=_MEMORY_MIB * MEBIBYTE, disk_bytes=6 * GIBIBYTE
    )
    at = time.perf_counter()
    job = await shop.run(CloneMachine(SYSTEM, wish, world, ""))
    took = time.perf_counter() - at
    if job.state is not JobState.SUCCEEDED or job.result is None:
        raise RuntimeError(f"the clone did not become ready: {job.problem}")
    await shop.run(DeleteMachine(str(job.result["machine"])))
    return took


async def _bare_boot(shop: Workshop, image: Path, boot: Boot) -> BareBoot:
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


async def _watched(shop: Workshop, domain: libvirt.virDomain, name: str) -> BareBoot:
    machine = machine_id(SYSTEM, domain.UUIDString())
    at = time.perf_counter()
    await asyncio.to_thread(command, "virsh", "-q", "-c", SYSTEM, "start", name)
    if not await shop.fleet.wait_until(machine, _connected, _BOOT_SECONDS):
        raise TimeoutError(f"the agent of {name} did not come")
    agent = Agent(*shop.fleet.provider_of(machine))
    await _until(agent.ping)
    answered = time.perf_counter() - at
    await _until(lambda: read_file(agent, _FIRST_BOOT_DONE))
    return BareBoot(answered, time.perf_counter() - at)


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
