"""Sites for the sweeps: a simulated fleet, and real machines under libvirt."""

from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest

from tests.faults.real import URI, RealWorld
from tests.faults.site import Site
from tests.guests.micro import MicroGuest


@pytest.fixture
def real(
    world: Path,
    monkeypatch: pytest.MonkeyPatch,
    system_libvirt: libvirt.virConnect,
    micro_guest: MicroGuest,
    micro_disk: Path,
    machine_folder: Path,
) -> Iterator[RealWorld]:
    """Real machines in a folder of the test's own, all gone afterwards."""
    made = RealWorld(system_libvirt, machine_folder, micro_guest, micro_disk)
    monkeypatch.setenv("CLONEBOX_IMAGES_DIR", str(made.images))
    yield made
    made.clear()


@pytest.fixture
def site(world: Path, real: RealWorld) -> Iterator[Site]:
    """The worker's world over it."""
    made = Site(URI, world, real.folders, real.machines)
    yield made
    made.stop()
