"""kill -9 and failures at points of forks, bisections and files brought back: all of it, or nothing."""

import os
from pathlib import Path

import pytest

from clonebox_tui.model.acts import Act, BisectMachine, ForkMachine, RestorePath
from clonebox_tui.model.machine import machine_id
from tests.faults.choice import LIMIT_SECONDS
from tests.faults.real import URI, RealWorld
from tests.faults.site import Site
from tests.faults.sweep import FAILURES, KILLS, Subject, sweep

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.timeout(LIMIT_SECONDS),
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]
POINTS = 1


def _act(real: RealWorld, name: str) -> Act:
    machine = machine_id(URI, real.uuid)
    if name == "fork":
        return ForkMachine(machine, (f"{real.name}-fork",), "first")
    if name == "fork-now":
        return ForkMachine(machine, (f"{real.name}-fork",))
    if name == "bisect":
        return BisectMachine(machine, "first", ("false",), "third")
    return RestorePath(machine, "first", "/lost+found", str(real.project / "found"))


@pytest.mark.parametrize("faults", [KILLS, FAILURES], ids=["killed", "failed"])
@pytest.mark.parametrize("name", ["fork", "fork-now", "bisect", "bring-back"])
async def test_all_or_nothing(
    real: RealWorld, site: Site, micro_disk: Path, name: str, faults: tuple[str, ...]
) -> None:
    async def prepare() -> None:
        await real.with_bootable(("second", "third") if name == "bisect" else ())
        if name == "fork-now":
            real.connection.lookupByUUIDString(real.uuid).create()  # QEMU copies while it boots

    # A search that ends well leaves the world as it was.
    subject = Subject(name, _act(real, name), prepare, same=name == "bisect")
    tried = await sweep(site, subject, faults, POINTS)
    assert tried.total() >= 1
