"""Nothing of ours listens beyond loopback: what ss(8) says of our processes while a machine runs."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.real import URI, RealWorld
from tests.faults.site import Site
from tests.resilience.cockpit import cockpit
from tests.worker.conftest import worker_pid

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(900)]

_PROGRAM = (sys.executable, "-P", "-m", "clonebox_tui", "--connect", URI)


def _listening(pids: set[int]) -> Iterator[tuple[str, int]]:
    """Address and process of every TCP or UDP socket of these processes that takes what anybody sends."""
    said = subprocess.run(["ss", "-Hltunp"], capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        owners = {int(pid) for pid in re.findall(r"pid=(\d+)", line)} & pids
        local = line.split()[4].rpartition(":")[0]
        yield from ((local, owner) for owner in owners)


@pytest.fixture
def machine(real: RealWorld, site: Site) -> str:
    """A machine of ours with its way in, ready."""
    real.clear()
    wanted = f"name: {real.name}, vcpus: 1, ram_mb: 256, disk_size_gb: 1, base_image: micro, username: dev"
    (real.project / ".clonebox.yaml").write_text(f"vm: {{{wanted}, network_mode: user}}\n")
    words = (*_PROGRAM, "clone", str(real.project), "--yes", "--wait")
    made = subprocess.run(words, capture_output=True, text=True, timeout=200, check=False)
    assert made.returncode == 0, made.stderr
    return real.name


@pytest.mark.skipif(shutil.which("ss") is None, reason="needs iproute2")
def test_worker_front_ends_and_qemu_listen_on_loopback_only(world: Path, site: Site, machine: str) -> None:
    qemu = int(Path(f"/run/libvirt/qemu/{machine}.pid").read_text())
    worker = worker_pid(site.where)
    command = [*_PROGRAM, "exec", machine, "--", "cat"]
    with (
        cockpit(world, "--connect", URI) as terminal,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as front_end,
    ):
        assert front_end.stdin
        assert front_end.stdout
        front_end.stdin.write(b"here\n")
        front_end.stdin.flush()
        terminal.wait_for(machine[:12], 60)
        ours = {qemu, worker, front_end.pid, terminal.process.pid}
        ours |= {child.pid for child in psutil.Process(worker).children(recursive=True)}
        found = set(_listening(ours))
        front_end.communicate(timeout=60)
    assert {owner for _, owner in found} == {qemu}, "the machine's forward, and nothing else"
    assert {address for address, _ in found} == {"127.0.0.1"}
