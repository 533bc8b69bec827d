"""Sites for the sweeps: a simulated fleet, and real machines under libvirt."""

from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest

from tests.faults.choice import ALL, PART, PARTS
from tests.faults.real import URI, RealWorld
from tests.faults.site import Site
from tests.guests.micro import MicroGuest

_LAST = (
    "test_guarded",
    "test_scheduled",
    "test_time_machine",
    "test_full_disk",
    "test_writes",
    "test_image_build",
    "test_full_guest",
)
"""What takes longest comes last: most of what breaks is seen in the first minutes."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Full sweeps: the short ones first, and what has no points to share out is shared out as a whole."""
    if not ALL:
        return
    here = [item for item in items if item.path.parent == Path(__file__).parent]
    here.sort(key=lambda item: _LAST.index(item.path.stem) if item.path.stem in _LAST else -1)
    whole = [item for item in here if not {"sweep", "Course"}.intersection(vars(item.module))]  # type: ignore[attr-defined]
    others = [item for number, item in enumerate(whole) if number % PARTS != PART - 1]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in here] + [item for item in here if item not in others]


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
