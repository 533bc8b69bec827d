"""Fixtures that give tests a real machine in seconds: `micro_machine`, or several by `micro_machines`."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import libvirt
import pytest

from tests.guests import domain as domains
from tests.guests.debian_image import base_image as build_base_image
from tests.guests.micro import MicroGuest
from tests.guests.micro import micro_guest as build_micro_guest
from tests.guests.places import discard, open_to_all, shared_folder

SYSTEM = "qemu:///system"
_DISK_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class MicroMachine:
    """A running micro machine; `folder` holds its disk and serial log and goes with it."""

    name: str
    uuid: str
    uri: str
    folder: Path
    disk: Path
    log: Path
    domain: libvirt.virDomain


MachineMaker = Callable[..., MicroMachine]


@pytest.fixture(scope="session")
def guest_cache(shared_cache: Path) -> Path:
    """Where guests are kept: the test cache, or an open folder when that one is closed to QEMU."""
    return shared_cache if open_to_all(shared_cache) else shared_folder()


@pytest.fixture(scope="session")
def micro_guest(guest_cache: Path) -> MicroGuest:
    """Kernel, initrd and command line of the micro guest, readable by QEMU's own user."""
    return build_micro_guest(guest_cache)


@pytest.fixture(scope="session")
def micro_disk(guest_cache: Path) -> Path:
    """An empty 64 MiB ext4 file system as qcow2, to be copied: the micro guest mounts it on /mnt/vda."""
    return _ext4_template(guest_cache)


@pytest.fixture(scope="session")
def base_image() -> Path:
    """Folder of a built Debian image (read `image.json` there), kept between runs; building takes 1–3 min."""
    return build_base_image()


@pytest.fixture
def machine_folder() -> Iterator[Path]:
    """A folder for disks and logs that QEMU's own user can reach; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="machine-", dir=shared_folder()))
    folder.chmod(0o755)
    yield folder
    discard(folder)


@pytest.fixture
def system_libvirt() -> Iterator[libvirt.virConnect]:
    """The system daemon; the test is skipped (a failure in CI) where it does not run."""
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    try:
        connection = libvirt.open(SYSTEM)
    except libvirt.libvirtError as error:
        pytest.skip(f"{SYSTEM} cannot be opened: {error}")
    yield connection
    connection.close()


@pytest.fixture
def micro_machines(
    system_libvirt: libvirt.virConnect, micro_guest: MicroGuest, micro_disk: Path, machine_folder: Path
) -> Iterator[MachineMaker]:
    """`make(switches="", devices="", start=True, wait=True, name=None)`; all are removed afterwards."""
    names: list[str] = []

    def make(
        switches: str = "",
        devices: str = "",
        *,
        start: bool = True,
        wait: bool = True,
        name: str | None = None,
    ) -> MicroMachine:
        name = name or domains.unique_name()
        disk, log = machine_folder / f"{name}.qcow2", machine_folder / f"{name}.log"
        disk.write_bytes(micro_disk.read_bytes())
        disk.chmod(0o666)
        xml = domains.micro_xml(micro_guest, name, disk=disk, log=log, switches=switches, devices=devices)
        names.append(name)
        domain = system_libvirt.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
        if start and wait:
            domains.boot(domain)
        elif start:
            domain.create()
        return MicroMachine(name, domain.UUIDString(), SYSTEM, machine_folder, disk, log, domain)

    yield make
    for name in names:
        domains.remove(system_libvirt, name)


@pytest.fixture
def micro_machine(micro_machines: MachineMaker) -> MicroMachine:
    """One running machine whose agent answers, with a disk on /mnt/vda and a tick a second in its log."""
    return micro_machines("micro.tick=1")


def _ext4_template(cache: Path) -> Path:
    disk = cache / "ext4-64m.qcow2"
    if disk.exists():
        return disk
    with tempfile.TemporaryDirectory(dir=cache, prefix=".ext4-") as work:
        raw, qcow2 = Path(work) / "raw", Path(work) / "qcow2"
        with raw.open("wb") as file:
            file.truncate(_DISK_BYTES)
        subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", "-L", "data", str(raw)], check=True)
        subprocess.run(["qemu-img", "convert", "-O", "qcow2", str(raw), str(qcow2)], check=True)
        qcow2.chmod(0o644)
        qcow2.rename(disk)  # atomic: another process that did the same has made the same
    return disk
