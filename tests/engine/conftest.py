"""The bench on which whole machines are forked, compared, deleted and undone."""

from collections.abc import AsyncIterator
from pathlib import Path

import libvirt
import pytest

from tests.engine.time_bench import TimeBench, time_bench
from tests.guests.micro import MicroGuest


@pytest.fixture
async def bench(
    system_libvirt: libvirt.virConnect,
    micro_guest: MicroGuest,
    micro_disk: Path,
    machine_folder: Path,
    tmp_path: Path,
) -> AsyncIterator[TimeBench]:
    """A micro machine with a disk, on the system's daemon, in folders of its own."""
    async with time_bench(system_libvirt, micro_guest, micro_disk, machine_folder, tmp_path) as made:
        yield made
