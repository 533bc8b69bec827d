"""Machines broken on purpose, on real QEMU: the right cause must stand first, and say what shows it."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import libvirt
import msgspec
import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.why import explain, rules
from clonebox_tui.engine.why.gathering import gather
from clonebox_tui.guest import Agent, run
from clonebox_tui.model.acts import StartMachine
from clonebox_tui.model.diagnosis import Diagnosis
from clonebox_tui.model.machine import State, machine_id
from clonebox_tui.model.problem import Code
from clonebox_tui.model.spec import Boot
from clonebox_tui.providers import provider_for
from clonebox_tui.providers.libvirt.definition import Dialect, domain_xml
from tests.engine.micro_image import micro_image
from tests.engine.time_bench import TimeBench
from tests.guests import domain as domains
from tests.guests.fixtures import SYSTEM, MachineMaker, MicroMachine
from tests.guests.micro import MicroGuest

pytestmark = pytest.mark.qemu

PATIENCE_SECONDS = 300.0
_MOUNTED = (
    "n=0; until grep -q ' /mnt/vda ' /proc/mounts || [ $n -gt 1000 ]; do n=$((n + 1)); usleep 200000; done"
)
_ADDRESSED = "until ip address show dev eth0 | grep -q 'inet '; do usleep 200000; done"


@pytest.fixture
async def fleet() -> AsyncIterator[Fleet]:
    fleet = Fleet(provider_for)
    fleet.add(SYSTEM)
    await fleet.opened(60)
    yield fleet
    await fleet.close()


def _agent(fleet: Fleet, machine: MicroMachine) -> Agent:
    return Agent(*fleet.provider_of(machine_id(machine.uri, machine.uuid)))


async def _why(fleet: Fleet, machine: MicroMachine) -> Diagnosis:
    identity = machine_id(machine.uri, machine.uuid)
    return explain(await gather(fleet, identity, _agent(fleet, machine), ()))


async def _expect(fleet: Fleet, machine: MicroMachine, cause: str) -> Diagnosis:
    """Ask until this cause is the first one; a fault takes its time to show."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        if machine_id(machine.uri, machine.uuid) in fleet.machines:
            found = await _why(fleet, machine)
            if found.causes and found.causes[0].id == cause:
                assert found.causes[0].evidence
                assert found.causes[0].fix
                return found
            assert asyncio.get_running_loop().time() < deadline, found
        await asyncio.sleep(0.5)


async def _in_guest(fleet: Fleet, machine: MicroMachine, script: str) -> None:
    """Run it once the guest has mounted its disk, which comes after its agent."""
    await _seen(fleet, machine)
    for each in (_MOUNTED, script):
        result = await run(_agent(fleet, machine), ["sh", "-c", each], timeout_seconds=PATIENCE_SECONDS)
        assert not result.timed_out, each


def _redefine(machine: MicroMachine, *changes: tuple[str, str]) -> None:
    """Replace texts of its definition, each of which must be there."""
    xml = machine.domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    for before, after in changes:
        assert before in xml
        xml = xml.replace(before, after)
    machine.domain.connect().defineXML(xml)


def _without(xml: str, tag: str) -> str:
    begin = xml.index(f"<{tag}")
    return xml[:begin] + xml[xml.index(f"</{tag}>") + len(tag) + 3 :]


async def _seen(fleet: Fleet, machine: MicroMachine) -> None:
    identity = machine_id(machine.uri, machine.uuid)
    assert await fleet.wait_until(identity, lambda found: found is not None, PATIENCE_SECONDS)


async def test_a_sound_machine_has_no_cause(fleet: Fleet, micro_machine: MicroMachine) -> None:
    await _in_guest(fleet, micro_machine, _ADDRESSED)
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    # More than once: a busy host may keep the agent from answering in time.
    while (found := await _why(fleet, micro_machine)).phase != "running" or found.causes:
        assert asyncio.get_running_loop().time() < deadline, found
        await asyncio.sleep(0.5)


async def test_states_and_guests_that_hang(fleet: Fleet, micro_machine: MicroMachine) -> None:
    domain = micro_machine.domain
    await _in_guest(fleet, micro_machine, "dd if=/dev/zero of=/mnt/vda/fill bs=64k")
    await _expect(fleet, micro_machine, "guest-disk-full")
    await _in_guest(fleet, micro_machine, f"rm /mnt/vda/fill; {_ADDRESSED}; ip address flush dev eth0")
    await _expect(fleet, micro_machine, "no-address")
    domain.suspend()
    await _expect(fleet, micro_machine, "paused")
    domain.resume()
    await _in_guest(fleet, micro_machine, "(sleep 5; killall -STOP qemu-ga) >/dev/null 2>&1 &")
    await _expect(fleet, micro_machine, "agent-hangs")
    os.kill(_pid(domain), signal.SIGKILL)
    await _expect(fleet, micro_machine, "killed")
    domain.create()
    domain.destroy()
    await _expect(fleet, micro_machine, "off")


async def test_an_agent_that_ended_in_a_booted_guest(
    fleet: Fleet, micro_machines: MachineMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "QUIET_SECONDS", 8.0)  # this guest boots in a fraction of a real one's time
    machine = micro_machines("micro.tick=600")
    await _in_guest(fleet, machine, "mv $(which qemu-ga) /gone; (sleep 5; killall qemu-ga) >/dev/null 2>&1 &")
    await _expect(fleet, machine, "no-agent")


@pytest.mark.parametrize(
    ("switches", "cause"),
    [
        ("root=/dev/vdz rdinit=/none", "no-root"),
        ("rdinit=/bin/true", "no-init"),
    ],
)
async def test_kernels_that_stop(
    fleet: Fleet, micro_machines: MachineMaker, switches: str, cause: str
) -> None:
    await _expect(fleet, micro_machines(switches, wait=False), cause)


async def test_too_little_memory(fleet: Fleet, micro_machine: MicroMachine) -> None:
    await _in_guest(fleet, micro_machine, "awk 'BEGIN { s = 1; while (1) s = s s }' >/dev/null 2>&1 &")
    await _expect(fleet, micro_machine, "memory")


async def test_nothing_to_boot(
    fleet: Fleet, micro_machines: MachineMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SILENT_SECONDS", 8.0)
    machine = micro_machines(start=False)
    xml = machine.domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    for tag in ("kernel", "initrd", "cmdline"):
        xml = _without(xml, tag)
    machine.domain.connect().defineXML(xml)
    machine.domain.create()
    await _expect(fleet, machine, "silent")


async def test_no_channel_for_an_agent(fleet: Fleet, micro_machines: MachineMaker) -> None:
    machine = micro_machines(start=False)
    xml = machine.domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    machine.domain.connect().defineXML(_without(xml, "channel"))
    machine.domain.create()
    await _expect(fleet, machine, "no-channel")


async def test_a_damaged_file_system(fleet: Fleet, micro_machines: MachineMaker) -> None:
    machine = micro_machines(start=False)
    # All from the first group's descriptors on, and the superblock's own checksum stays as it was.
    harm = ["qemu-io", "-c", "write -P 0x5a 4k 12M", str(machine.disk)]
    await asyncio.to_thread(subprocess.run, harm, check=True, capture_output=True)
    machine.domain.create()  # it mounts its disk by itself
    await _expect(fleet, machine, "file-system")


async def test_files_that_are_gone_and_ports_that_are_taken(
    fleet: Fleet, micro_machines: MachineMaker
) -> None:
    machine = micro_machines(start=False)
    kept = machine.disk.with_suffix(".kept")
    machine.disk.rename(kept)
    await _expect(fleet, machine, "image-gone")
    kept.rename(machine.disk)
    listening = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    forward = f"user,id=extra,hostfwd=tcp:127.0.0.1:{port}-:22"
    _redefine(machine, ("<domain type='qemu'>", _NAMESPACE), ("</domain>", _COMMAND_LINE.format(forward)))
    with pytest.raises(libvirt.libvirtError):
        machine.domain.create()
    await _expect(fleet, machine, "port-taken")
    listening.close()


@pytest.mark.parametrize("name", [metadata.KERNEL, metadata.INITRD])
async def test_a_kernel_or_initrd_that_is_altered_or_missing(
    bench: TimeBench, micro_guest: MicroGuest, micro_disk: Path, name: str
) -> None:
    image = micro_image(bench.folder / "store" / "images", micro_guest, micro_disk)
    boot = Boot(str(image / metadata.KERNEL), str(image / metadata.INITRD), micro_guest.command_line)
    bench.connection.defineXML(domain_xml(msgspec.structs.replace(bench.spec, boot=boot), Dialect()))
    await bench.up()  # from these very files
    bench.domain.destroy()
    assert await bench.fleet.wait_until(
        bench.machine, lambda seen: seen is not None and seen.state is State.OFF, 60
    )
    assert (await _first(bench))[0] == "off"
    file, words = image / name, f"the {name} of the image micro"
    sound = file.read_bytes()
    file.unlink()
    assert await _first(bench) == ("image-gone", f"{words} is gone", f"{file}: No such file or directory")
    file.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    cause, said, shown = await _first(bench)
    assert (cause, said) == ("image-gone", f"{words} was altered")
    assert f"{file} is not what was written then" in shown
    # The start that it explains is refused for the same reason, and QEMU is not begun.
    job = await bench.job(StartMachine(bench.machine))
    assert job.problem is not None
    assert (job.problem.code, job.problem.why) == (Code.IMAGE_INVALID, shown)
    file.write_bytes(sound)
    assert (await _first(bench))[0] == "off"


async def _first(bench: TimeBench) -> tuple[str, str, str]:
    """The first cause, what it says of the machine, and what shows it."""
    found = explain(await gather(bench.fleet, bench.machine, bench.engine.agent(bench.machine), ()))
    if not found.causes:
        return "", "", ""
    first = found.causes[0]
    shown = " ".join(each.text for each in first.evidence)
    return first.id, first.title.rpartition(": ")[2].rstrip("."), shown.removeprefix(f"{first.title} ")


@pytest.fixture
def small_folder(machine_folder: Path) -> Iterator[Path]:
    """A file system of 8 MiB."""
    folder = machine_folder / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0777", "small", str(folder)]
    subprocess.run(mount, check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def test_a_disk_without_room(fleet: Fleet, micro_machines: MachineMaker, small_folder: Path) -> None:
    machine = micro_machines(start=False)
    moved = small_folder / machine.disk.name
    moved.write_bytes(machine.disk.read_bytes())
    moved.chmod(0o666)
    _redefine(machine, (f"<source file='{machine.disk}'", f"<source file='{moved}'"))
    domains.boot(machine.domain)
    fill = "dd if=/dev/urandom of=/mnt/vda/fill bs=64k count=600; sync"
    await _in_guest(fleet, machine, f"(sleep 1; {fill}) >/dev/null 2>&1 &")
    await _expect(fleet, machine, "disk-full")


def _pid(domain: libvirt.virDomain) -> int:
    return int(Path(f"/run/libvirt/qemu/{domain.name()}.pid").read_text())


_NAMESPACE = "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>"
_COMMAND_LINE = (
    "<qemu:commandline><qemu:arg value='-netdev'/><qemu:arg value='{}'/></qemu:commandline></domain>"
)
