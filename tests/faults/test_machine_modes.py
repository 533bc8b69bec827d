"""A machine's files are open to QEMU's own user and its keys to nobody, whatever the starter's umask."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.real import URI, RealWorld
from tests.faults.site import Site
from tests.resilience.test_modes import not_private

pytestmark = [pytest.mark.qemu, pytest.mark.timeout(900)]


@pytest.mark.parametrize("umask", [0o000, 0o777], ids=oct)
def test_a_machine_s_files_are_open_to_qemu_and_its_keys_to_nobody(
    world: Path, real: RealWorld, site: Site, umask: int
) -> None:
    real.clear()
    text = (
        f"vm: {{name: {real.name}, vcpus: 1, ram_mb: 256, disk_size_gb: 1, base_image: micro, username: d}}\n"
    )
    (real.project / ".clonebox.yaml").write_text(text)
    words = ("--connect", URI, "clone", str(real.project), "--yes", "--wait")
    said = subprocess.run(
        [sys.executable, "-P", "-m", "clonebox_tui", *words],
        cwd=world, umask=umask, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    machine = real.images / "machines" / real.name
    assert stat.S_IMODE(machine.stat().st_mode) == 0o711
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in machine.iterdir()}
    assert modes["id_ed25519"] == 0o600
    assert all(mode & 0o033 == 0 for mode in modes.values()), modes
    assert not_private(site.where.state) == {}
    assert not_private(site.where.runtime) == {}
