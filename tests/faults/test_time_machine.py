"""kill -9 and failures at points of forks, bisections and files brought back: all of it, or nothing."""

import os

import pytest

from clonebox_tui.model.acts import Act, BisectMachine, ForkMachine, RestorePath
from clonebox_tui.model.machine import machine_id
from tests.faults.choice import ALL, LIMIT_SECONDS
from tests.faults.real import URI, RealWorld
from tests.faults.site import Site
from tests.faults.sweep import FAILURES, KILLS, Subject, sweep

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.timeout(LIMIT_SECONDS),
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]
POINTS = 1
ACTS = ["bring-back", "fork-layer", "fork", "fork-now", *(["fork-two"] if ALL else []), "bisect"]
"""A sample leaves out what boots twice as many guests as the others."""


def _act(real: RealWorld, name: str) -> Act:
    machine = machine_id(URI, real.uuid)
    if name.startswith("fork"):
        numbers = ("1", "2") if name == "fork-two" else ("1",)
        moment = {"fork-now": "", "fork-layer": "outside"}.get(name, "first")
        return ForkMachine(machine, tuple(f"{real.name}-fork-{each}" for each in numbers), moment)
    if name == "bisect":
        return BisectMachine(machine, "first", ("false",), "third")
    return RestorePath(machine, "first", "/lost+found", str(real.project / "found"))


@pytest.mark.parametrize("name", ACTS)
async def test_all_or_nothing(real: RealWorld, site: Site, name: str) -> None:
    async def prepare() -> None:
        await real.with_bootable(("second", "third") if name == "bisect" else ())
        if name == "fork-now":
            real.connection.lookupByUUIDString(real.uuid).create()  # QEMU copies while it boots
        if name == "fork-layer":
            real.external_snapshot("outside")

    # A search that ends well leaves the world as it was.
    subject = Subject(name, _act(real, name), prepare, same=name == "bisect")
    tried = await sweep(site, subject, (*KILLS, *FAILURES), POINTS)
    assert tried.total() >= 1
