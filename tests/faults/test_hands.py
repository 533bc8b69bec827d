"""kill -9 and failures at points of copies into and out of a guest: whole or not there, then they go on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.choice import ALL, LIMIT_SECONDS, chosen
from tests.faults.hands import Hands
from tests.faults.site import Site
from tests.faults.sweep import FAILURES, KILLS, Subject, sweep
from tests.guests.fixtures import MicroMachine

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.timeout(LIMIT_SECONDS),
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]

ACTS = ["fetch_file", "fetch_folder", "bring_file", "bring_folder", "get_into_guest"]
FAULTS = (*KILLS, "kill agent", *FAILURES)
POINTS = 2


@pytest.fixture
def hands(world: Path, micro_machine: MicroMachine) -> Hands:
    """A running guest, and a folder of this host."""
    return Hands(micro_machine, world)


@pytest.fixture
def site(world: Path, hands: Hands) -> Iterator[Site]:
    """The worker's world over it."""
    made = Site("qemu:///system", world, [], hands.inventory)
    yield made
    made.stop()


@pytest.mark.parametrize(
    "name", ACTS if ALL else [ACTS[number - 1] for number in chosen(len(ACTS), 2, "hands")]
)
async def test_all_or_nothing(hands: Hands, site: Site, name: str) -> None:
    subject: Subject = getattr(hands, name)()
    tried = await sweep(site, subject, FAULTS, POINTS)
    assert tried.total() >= 1
