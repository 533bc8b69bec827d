"""Failures of a real host, provoked by the headless command: a full disk, a taken port, a missing tool."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import libvirt
import psutil
import pytest

from clonebox_tui.model.problem import Code
from tests.cli.shell import PROGRAM, Said, Shell
from tests.guests import domain as domains
from tests.guests.fixtures import MachineMaker
from tests.resilience.test_missing_parts import Lacking
from tests.resilience.test_staged_failures import LONGEST_SECONDS, refused, told, until

pytestmark = [pytest.mark.qemu, pytest.mark.usefixtures("system_libvirt")]

SYSTEM = ("--connect", "qemu:///system")
_SHARE = (
    "<filesystem type='mount' accessmode='mapped'><source dir='{folder}'/><target dir='data'/></filesystem>"
)
_SLEEPS_THERE = "for each in $(pidof sleep); do readlink /proc/$each/cwd; done | grep -q /mnt/data"
QEMU = "/usr/bin/qemu-system-x86_64"
_DISK = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>64</memory>
  <os><type arch='x86_64' machine='q35'>hvm</type></os><devices><emulator>{emulator}</emulator>
  <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{disk}'/>
  <target dev='vda' bus='virtio'/></disk></devices></domain>"""


@pytest.fixture
def shell(machine_folder: Path) -> Iterator[Lacking]:
    """A shell on the system connection, with images of its own and a project."""
    made = Lacking(*SYSTEM)
    made.environment["CLONEBOX_IMAGES_DIR"] = str(machine_folder)
    (made.root / "project").mkdir()
    yield made
    made.close()


def blank_image(shell: Shell, name: str) -> None:
    """Import a disk on which nothing is."""
    disk = shell.root / f"{name}.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(disk), "64M"], check=True)
    assert shell("image", "import", str(disk), "--name", name).code == 0


@pytest.mark.parametrize(
    ("tool", "package"),
    [("mmdebstrap", "mmdebstrap"), ("mke2fs", "e2fsprogs"), ("qemu-img", "qemu-utils")],
)
def test_a_missing_tool(shell: Lacking, checkout: Path, tool: str, package: str) -> None:
    shell.begin(checkout, programs=tool)
    problem = refused(shell, Code.TOOL_MISSING, "image", "build")
    assert problem.what.startswith(tool)
    assert f"`apt install {package}`" in problem.next


def test_a_machine_whose_emulator_is_gone(
    shell: Shell, system_libvirt: libvirt.virConnect, machine_folder: Path
) -> None:
    name, emulator = domains.unique_name(), machine_folder / "qemu"
    emulator.symlink_to(QEMU)
    blank_image(shell, "blank")
    (disk,) = machine_folder.rglob("blank/disk.qcow2")
    system_libvirt.defineXML(_DISK.format(name=name, disk=disk, emulator=emulator))
    try:
        until(lambda: name in shell("list", "--json").text)
        emulator.unlink()
        problem = refused(shell, Code.TOOL_MISSING, "start", name)
        assert str(emulator) in problem.why
        assert "`apt install qemu-system-x86`" in problem.next
    finally:
        domains.remove(system_libvirt, name)


def test_an_image_no_archive_has(shell: Shell) -> None:
    problem = refused(shell, Code.IMAGE_BUILD_FAILED, "image", "build", "--suite", "nosuch")
    assert problem.details
    assert shell("image", "list", "--json").records("images") == []


def test_what_the_host_cannot_give_is_said_before_anything_is_made(shell: Shell) -> None:
    blank_image(shell, "blank")
    clone = ("clone", "project", "--yes", "--set", "vm.base_image=blank")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        problem = refused(shell, Code.PORT_TAKEN, *clone, "--set", f'ports=["{port}:80"]')
        assert str(port) in problem.what
    # All of it: some is always in use.
    total = psutil.virtual_memory().total >> 20
    refused(shell, Code.MEMORY_SHORT, *clone, "--set", f"vm.ram_mb={total}")
    assert not (shell.root / "project" / ".clonebox.yaml").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small file system")
def test_a_full_disk(shell: Shell) -> None:
    shell.environment["CLONEBOX_IMAGES_DIR"] = images = str(shell.root / "images")
    Path(images).mkdir()
    line = f'mount -t tmpfs -o size=2m tmpfs {images} && exec "$@"'
    worker = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", line, "sh", *PROGRAM, *shell.before, "worker", "run"],
        env=shell.environment,
        cwd=shell.root,
    )
    until(lambda: (shell.runtime / "worker.sock").is_socket())
    assert worker.poll() is None
    (shell.root / "noise.raw").write_bytes(os.urandom(8 << 20))
    convert = ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", "noise.raw", "noise.qcow2"]
    subprocess.run(convert, check=True, cwd=shell.root)
    problem = refused(shell, Code.DISK_FULL, "image", "import", "noise.qcow2")
    assert "room" in problem.next
    assert shell("image", "list", "--json").records("images") == []
    problem = refused(shell, Code.DISK_FULL, "clone", "project", "--yes")
    assert "GiB" in problem.what


def test_an_image_that_a_machine_stands_on(
    shell: Shell, system_libvirt: libvirt.virConnect, machine_folder: Path
) -> None:
    blank_image(shell, "blank")
    (base,) = machine_folder.rglob("blank/disk.qcow2")
    name, layer = domains.unique_name(), machine_folder / "layer.qcow2"
    make = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(base), str(layer)]
    subprocess.run(make, check=True)
    system_libvirt.defineXML(_DISK.format(name=name, disk=layer, emulator=QEMU))
    try:
        until(lambda: name in shell("list", "--json").text)
        problem = refused(shell, Code.IMAGE_IN_USE, "image", "remove", "blank", "--yes")
        assert name in problem.why
    finally:
        domains.remove(system_libvirt, name)
    assert base.exists()


def test_a_guest_that_goes_off_before_it_is_ready(
    shell: Shell, system_libvirt: libvirt.virConnect, machine_folder: Path
) -> None:
    blank_image(shell, "blank")
    name = domains.unique_name()
    line = ("clone", "project", "--yes", "--wait", "--json", "--name", name, "--set", "vm.base_image=blank")
    cloning = shell.start(*line)
    try:
        until(lambda: name in shell("list", "--json").text or cloning.poll() is not None)
        assert cloning.poll() is None, cloning.communicate()
        until(lambda: '"waiting for the guest agent' in shell("job", "list", "--json").text)
        system_libvirt.lookupByName(name).destroy()
        stdout, stderr = cloning.communicate(timeout=200)
    finally:
        cloning.kill()
        domains.remove(system_libvirt, name)
    problem = told(Said(cloning.returncode, stdout, stderr))
    assert problem.code is Code.NOT_READY
    assert cloning.returncode == problem.exit_code == 7
    assert not list(machine_folder.glob(f"machines/{name}"))


def test_a_share_that_somebody_uses(shell: Shell, micro_machines: MachineMaker, machine_folder: Path) -> None:
    shared = machine_folder / "shared"
    shared.mkdir(mode=0o777)
    shared.chmod(0o777)
    machine = micro_machines("micro.p9=data", _SHARE.format(folder=shared))
    until(lambda: shell("exec", machine.name, "--", "grep", "-q", "/mnt/data", "/proc/mounts").code == 0)
    using = shell.start("exec", machine.name, "--", "sh", "-c", "cd /mnt/data; echo there; sleep 1000")
    try:
        assert using.stdout is not None
        assert using.stdout.readline() == b"there\n"
        until(lambda: shell("exec", machine.name, "--", "sh", "-c", _SLEEPS_THERE).code == 0)
        problem = refused(shell, Code.SHARE_BUSY, "snapshot", "create", machine.name, "--name", "one")
    finally:
        using.terminate()
        using.communicate(timeout=LONGEST_SECONDS)
    assert "sleep (pid " in problem.why
    assert shell("snapshot", "list", machine.name, "--json").records("snapshots") == []
