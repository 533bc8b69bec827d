"""The micro guest keeps the promises other tests build upon: agent, ticks, disk, orderly end."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import libvirt
import libvirt_qemu
import pytest

from tests.guests.fixtures import MachineMaker, MicroMachine

pytestmark = pytest.mark.qemu


def run_in_guest(machine: MicroMachine, script: str) -> str:
    """Output of a shell script in the guest."""
    arguments = {"path": "/bin/sh", "arg": ["-c", script], "capture-output": True}
    pid = _ask(machine, "guest-exec", arguments)["pid"]
    for _ in range(4800):
        status = _ask(machine, "guest-exec-status", {"pid": pid})
        if status["exited"]:
            return base64.b64decode(status.get("out-data", "")).decode()
        time.sleep(0.05)
    raise TimeoutError(script)


def _ask(machine: MicroMachine, command: str, arguments: dict[str, object]) -> dict[str, Any]:
    request = json.dumps({"execute": command, "arguments": arguments})
    answer: dict[str, Any] = json.loads(libvirt_qemu.qemuAgentCommand(machine.domain, request, 60, 0))[
        "return"
    ]
    return answer


def eventually(check: Callable[[], bool], timeout_seconds: float = 240.0) -> bool:
    """Whether `check` comes true in time."""
    end = time.monotonic() + timeout_seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.1)
    return False


def test_agent_disk_and_ticks(micro_machine: MicroMachine) -> None:
    assert "clonebox-micro" in run_in_guest(micro_machine, "cat /etc/os-release")
    assert eventually(lambda: " ext4 " in run_in_guest(micro_machine, "grep /mnt/vda /proc/mounts"))
    assert eventually(lambda: "micro tick 2" in micro_machine.log.read_text(errors="replace"))
    assert "micro tick 1" in run_in_guest(micro_machine, "cat /var/log/app.log")
    assert eventually(lambda: "10.0.2." in run_in_guest(micro_machine, "ip address show eth0"))
    assert eventually(
        lambda: "micro ok" in run_in_guest(micro_machine, "wget -qO- http://127.0.0.1/index.html")
    )


@pytest.mark.parametrize(
    "way", [libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT]
)
def test_it_powers_off_when_asked(micro_machines: MachineMaker, way: int) -> None:
    machine = micro_machines("micro.hostname=other")
    assert eventually(lambda: "micro: ready" in machine.log.read_text(errors="replace"))
    assert run_in_guest(machine, "hostname").strip() == "other"
    machine.domain.shutdownFlags(way)
    assert eventually(lambda: not machine.domain.isActive())
