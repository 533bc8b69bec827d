"""What is done to real machines beside qemu-img and virsh: a linked clone, snapshots, going back to them."""

import asyncio
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import libvirt

from clonebox_tui.engine.clone import disk as layers
from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.model.environment import GIBIBYTE, MEBIBYTE
from clonebox_tui.model.spec import Boot, MachineSpec
from clonebox_tui.providers.libvirt import provider
from clonebox_tui.providers.protocol import Provider
from tests.bench.figures import Figure, median
from tests.guests import domain as domains
from tests.guests.micro import MicroGuest, micro_guest
from tests.guests.places import discard, shared_folder

SYSTEM = "qemu:///system"
_SNAPSHOT_ALLOWANCE_SECONDS = 0.05


Pairs = list[tuple[float, float]]
"""Seconds of ours and of the other's."""

Measured = TypeVar("Measured")


class Ground:
    """An open connection by our provider, a micro guest, and a folder that QEMU can read."""

    def __init__(self, ours: Provider, guest: MicroGuest, folder: Path) -> None:
        self.ours = ours
        self.guest = guest
        self.folder = folder
        self.base = folder / "base.qcow2"
        command("qemu-img", "create", "-q", "-f", "qcow2", str(self.base), "1G")
        self.base.chmod(0o644)

    def spec(self, name: str) -> MachineSpec:
        """A machine on a layer over the base."""
        return MachineSpec(
            name=name,
            uuid=str(uuid.uuid4()),
            vcpus=1,
            memory_bytes=192 * MEBIBYTE,
            accelerator="tcg",
            disk_path=str(self.folder / f"{name}.qcow2"),
            mac="52:54:00:0b:00:01",
            boot=Boot(str(self.guest.kernel), str(self.guest.initrd), self.guest.command_line),
            log_path=str(self.folder / f"{name}.log"),
        )


def command(*words: str) -> None:
    """Run what a person would type."""
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def measure_clone(repetitions: int) -> Iterator[Figure]:
    """Disk and definition."""
    pairs = asyncio.run(_on_ground(lambda ground: _clones(ground, repetitions)))
    yield _figure("linked clone: disk and definition", pairs, "qemu-img create + virsh define", 1.5)


def measure_snapshots(repetitions: int) -> Iterator[Figure]:
    """With memory, of a running micro guest, and back; and gone again."""
    taken, restored, deleted = asyncio.run(_on_ground(lambda ground: _moments(ground, repetitions)))
    more = _SNAPSHOT_ALLOWANCE_SECONDS
    yield _figure("snapshot with memory, running", taken, "virsh snapshot-create-as", 1.1, more)
    yield _figure("restore, running", restored, "virsh snapshot-revert", 1.1, more)
    yield _figure("delete a snapshot with memory", deleted, "virsh snapshot-delete", 1.1, more)


def _figure(name: str, pairs: Pairs, other_name: str, budget: float, allowance: float = 0.0) -> Figure:
    ours, other = (median(pair[side] for pair in pairs) for side in (0, 1))
    return Figure(name, "s", ours, other, other_name, budget, allowance)


async def _on_ground(work: Callable[[Ground], Awaitable[Measured]]) -> Measured:
    guest = micro_guest(shared_folder())
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=shared_folder()))
    folder.chmod(0o755)  # noqa: ASYNC240 nothing else runs on this loop
    fleet = Fleet(provider)
    fleet.add(SYSTEM)
    try:
        if not await fleet.opened(60):
            raise RuntimeError(f"{SYSTEM} did not open: {fleet.connections[SYSTEM].problem}")
        return await work(Ground(fleet.provider(SYSTEM), guest, folder))
    finally:
        await fleet.close()
        discard(folder)


async def _clones(ground: Ground, repetitions: int) -> Pairs:
    pairs: Pairs = []
    for _ in range(repetitions + 1):
        ours = await _our_clone(ground)
        pairs.append((ours, await asyncio.to_thread(_bare_clone, ground)))
    return pairs[1:]


async def _our_clone(ground: Ground) -> float:
    spec = ground.spec(domains.unique_name("cbb"))
    at = time.perf_counter()
    await layers.create_layer(ground.base, "qcow2", Path(spec.disk_path), 2 * GIBIBYTE)
    await ground.ours.define(spec)
    took = time.perf_counter() - at
    await ground.ours.undefine(spec.uuid)
    return took


def _bare_clone(ground: Ground) -> float:
    """The same by hand, with XML that libvirt itself has written."""
    name = domains.unique_name("cbb")
    disk, xml = ground.folder / f"{name}.qcow2", ground.folder / f"{name}.xml"
    xml.write_text(domains.micro_xml(ground.guest, name, disk=disk))
    at = time.perf_counter()
    layer = ("-f", "qcow2", "-F", "qcow2", "-b", str(ground.base), str(disk), "2G")
    command("qemu-img", "create", "-q", *layer)
    command("virsh", "-q", "-c", SYSTEM, "define", str(xml))
    took = time.perf_counter() - at
    command("virsh", "-q", "-c", SYSTEM, "undefine", name)
    return took


async def _moments(ground: Ground, repetitions: int) -> tuple[Pairs, Pairs, Pairs]:
    spec = ground.spec(domains.unique_name("cbb"))
    shutil.copyfile(ground.base, spec.disk_path)
    Path(spec.disk_path).chmod(0o666)  # noqa: ASYNC240 nothing else runs on this loop
    connection = libvirt.open(SYSTEM)
    acts = ((_our_snapshot, _bare_snapshot), (_our_restore, _bare_restore), (_our_delete, _bare_delete))
    pairs: tuple[Pairs, Pairs, Pairs] = ([], [], [])
    try:
        await ground.ours.define(spec)
        await ground.ours.start(spec.uuid)
        await asyncio.to_thread(domains.wait_for_agent, connection.lookupByUUIDString(spec.uuid))
        for number in range(repetitions + 1):
            for found, (ours, bare) in zip(pairs, acts, strict=True):
                found.append(await _in_turn(number, partial(ours, ground, spec), partial(bare, spec)))
    finally:
        domains.remove(connection, spec.name)
        connection.close()
    # The first ones read what the others find in memory.
    taken, restored, deleted = (found[1:] for found in pairs)
    return taken, restored, deleted


async def _in_turn(
    number: int, ours: Callable[[str], Awaitable[float]], bare: Callable[[str], float]
) -> tuple[float, float]:
    """Both, the other first at every second time: the one that comes second finds a warmer machine."""
    if number % 2:
        other = await asyncio.to_thread(bare, f"bare{number}")
        return await ours(f"ours{number}"), other
    return await ours(f"ours{number}"), await asyncio.to_thread(bare, f"bare{number}")


async def _our_snapshot(ground: Ground, spec: MachineSpec, name: str) -> float:
    at = time.perf_counter()
    await ground.ours.create_snapshot(spec.uuid, name, "", True, False)
    return time.perf_counter() - at


async def _our_restore(ground: Ground, spec: MachineSpec, name: str) -> float:
    at = time.perf_counter()
    await ground.ours.restore_snapshot(spec.uuid, name)
    return time.perf_counter() - at


async def _our_delete(ground: Ground, spec: MachineSpec, name: str) -> float:
    at = time.perf_counter()
    await ground.ours.delete_snapshot(spec.uuid, name, False)
    return time.perf_counter() - at


def _bare_snapshot(spec: MachineSpec, name: str) -> float:
    at = time.perf_counter()
    command("virsh", "-q", "-c", SYSTEM, "snapshot-create-as", spec.name, name)
    return time.perf_counter() - at


def _bare_restore(spec: MachineSpec, name: str) -> float:
    at = time.perf_counter()
    command("virsh", "-q", "-c", SYSTEM, "snapshot-revert", spec.name, name)
    return time.perf_counter() - at


def _bare_delete(spec: MachineSpec, name: str) -> float:
    at = time.perf_counter()
    command("virsh", "-q", "-c", SYSTEM, "snapshot-delete", spec.name, name)
    return time.perf_counter() - at
