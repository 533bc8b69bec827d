"""A Debian image is built from the host's archives and boots; stopped or failed, a build leaves nothing."""

import asyncio
import base64
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import libvirt
import libvirt_qemu
import msgspec
import pytest

from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.build import build, host_recipe
from clonebox_tui.engine.images.sources import Source
from clonebox_tui.model.problem import Code, ProblemError
from tests.guests import domain as domains

pytestmark = pytest.mark.full

_READY_SECONDS = 400.0  # ten times an undisturbed boot
_USER_DATA = """#cloud-config
hostname: trial
users:
  - name: dev
    uid: 1000
    shell: /bin/bash
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    lock_passwd: true
    ssh_authorized_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1aWxkIHRlc3Qga2V5IG5vdCB1c2VkIGFueXdo"]
write_files:
  - path: /etc/trial
    content: hello
package_update: true
packages: [hello]
runcmd:
  - [touch, /var/tmp/ran]
"""
_XML = """<domain type='qemu'><name>{name}</name><memory unit='MiB'>768</memory><vcpu>2</vcpu>
<os><type arch='x86_64' machine='q35'>hvm</type><kernel>{boot.kernel}</kernel><initrd>{boot.initrd}</initrd>
<cmdline>{boot.command_line}</cmdline></os><features><acpi/></features><cpu mode='maximum'/><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{disk}'/>
<target dev='vda' bus='virtio'/></disk>
<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{seed}'/>
<target dev='sda' bus='sata'/><readonly/></disk>
<interface type='user'><model type='virtio'/></interface>
<serial type='pty'><log file='{log}' append='off'/></serial>
<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng></devices></domain>"""


@pytest.fixture
def trial(
    base_image: Path, system_libvirt: libvirt.virConnect, machine_folder: Path
) -> Iterator[libvirt.virDomain]:
    """A machine on an overlay of the built image, with a seed as the disk in its drive."""
    name, disk, seed = domains.unique_name(), machine_folder / "disk.qcow2", machine_folder / "seed.iso"
    base = str(base_image / metadata.DISK)
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", str(disk), "8G"], check=True
    )
    (machine_folder / "user-data").write_text(_USER_DATA)
    (machine_folder / "meta-data").write_text("instance-id: trial-1\n")
    files = [str(machine_folder / file) for file in ("user-data", "meta-data")]
    subprocess.run(["genisoimage", "-quiet", "-o", str(seed), "-V", "cidata", "-J", "-r", *files], check=True)
    made = metadata.read(base_image)
    assert made is not None
    boot = metadata.kernel_boot(made, base_image)
    assert boot is not None
    xml = _XML.format(name=name, boot=boot, disk=disk, seed=seed, log=machine_folder / "serial.log")
    domain = system_libvirt.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE)
    yield domain
    domains.remove(system_libvirt, name)


def _ask(domain: libvirt.virDomain, command: str, arguments: dict[str, object]) -> dict[str, Any]:
    request = json.dumps({"execute": command, "arguments": arguments})
    answer: dict[str, Any] = json.loads(libvirt_qemu.qemuAgentCommand(domain, request, 60, 0))["return"]
    return answer


def _in_guest(domain: libvirt.virDomain, script: str) -> str:
    arguments = {"path": "/bin/sh", "arg": ["-c", script], "capture-output": True}
    pid = _ask(domain, "guest-exec", arguments)["pid"]
    end = time.monotonic() + _READY_SECONDS
    while time.monotonic() < end:
        status = _ask(domain, "guest-exec-status", {"pid": pid})
        if status["exited"]:
            return base64.b64decode(status.get("out-data", "")).decode()
        time.sleep(0.5)
    raise TimeoutError(script)


def test_the_built_image_comes_up_without_a_warning(trial: libvirt.virDomain) -> None:
    trial.create()
    domains.wait_for_agent(trial, _READY_SECONDS)
    assert "status: done" in _in_guest(trial, "cloud-init status --wait")
    assert _in_guest(trial, "grep -E 'WARN|ERROR|Traceback' /var/log/cloud-init.log") == ""
    assert _in_guest(trial, "systemctl --failed --no-legend") == ""
    assert "inet 10.0.2." in _in_guest(trial, "ip -4 address show eth0")
    assert "Hello" in _in_guest(trial, "hello")
    assert _in_guest(trial, "cat /etc/trial; echo; hostname; id -un 1000; ls /var/tmp/ran").split() == [
        "hello",
        "trial",
        "dev",
        "/var/tmp/ran",
    ]
    assert int(_in_guest(trial, "df --output=size -B1G / | tail -1")) >= 7
    assert _in_guest(trial, "systemctl is-active ssh").strip() == "active"
    assert _in_guest(trial, "ls /etc/ssh/ssh_host_*_key").split() == ["/etc/ssh/ssh_host_ed25519_key"]
    assert "virtiofs" in _in_guest(trial, "modprobe -a 9p 9pnet_virtio virtiofs && lsmod")


async def test_a_cancelled_build_leaves_nothing(tmp_path: Path) -> None:
    installing = asyncio.Event()
    store = tmp_path / "store"
    task = asyncio.create_task(build(await host_recipe(), store, lambda *_: installing.set()))
    await asyncio.wait_for(installing.wait(), 600)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert _left(store) == []
    assert str(store) not in _mounts()


async def test_a_failed_build_tells_the_tools_own_words(tmp_path: Path) -> None:
    nowhere = Source("http://user:s3cret@127.0.0.1:9/debian", ("bookworm",), ("main",))
    recipe = msgspec.structs.replace(await host_recipe(), sources=(nowhere,))
    with pytest.raises(ProblemError) as caught:
        await build(recipe, tmp_path / "store", lambda *_: None)
    problem = caught.value.problem
    assert problem.code is Code.IMAGE_BUILD_FAILED
    assert problem.details
    assert "s3cret" not in repr(problem)
    assert _left(tmp_path / "store") == []


def _left(store: Path) -> list[str]:
    return [path.name for path in store.iterdir()]


def _mounts() -> str:
    return Path("/proc/self/mounts").read_text()
