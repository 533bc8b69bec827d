"""A bisection of real snapshots: the very one is found, in few boots, and nothing of it stays behind."""

import os

import pytest

from clonebox_tui.model.acts import BisectMachine
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import State
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.time_bench import TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]
_MOUNTED = "until grep -q /mnt/vda /proc/mounts; do sleep 0.1; done; "


@pytest.fixture(autouse=True)
def five_states(bench: TimeBench) -> None:
    """Snapshots s0 to s4 of the machine's disk, each with a file `state-N` more than the one before."""
    for number in range(5):
        bench.write(f"write /etc/hostname state-{number}\n")
        bench.domain.snapshotCreateXML(f"<domainsnapshot><name>s{number}</name></domainsnapshot>", 0)


def _left(bench: TimeBench) -> list[str]:
    """Domains and folders with the machine's name, but for its own."""
    domains = [each.name() for each in bench.connection.listAllDomains() if bench.name in each.name()]
    folders = [each.name for each in (bench.folder / "store" / "machines").iterdir()]
    return sorted(name for name in (*domains, *folders) if name != bench.name)


async def test_the_first_bad_snapshot_is_found(bench: TimeBench) -> None:
    before = bench.hash()
    check = ("sh", "-c", f"{_MOUNTED} ! ls /mnt/vda | grep -q state-3")
    result = await bench.done(BisectMachine(bench.machine, "s0", check, "s4"))
    assert (result["first_bad"], result["last_good"]) == ("s3", "s2")
    assert result["boots"] == 2  # of s1, s2, s3 and s4
    assert _left(bench) == []
    assert bench.hash() == before
    assert bench.fleet.machine(bench.machine).state is State.OFF


async def test_a_check_that_cannot_tell_ends_the_search(bench: TimeBench) -> None:
    job = await bench.job(BisectMachine(bench.machine, "s3", ("sh", "-c", "exit 125")))
    assert job.state is JobState.ROLLED_BACK
    assert job.problem is not None
    assert job.problem.code is Code.GUEST_ERROR
    assert _left(bench) == []
    with pytest.raises(ProblemError) as caught:
        await bench.engine.jobs.plan(BisectMachine(bench.machine, "s3", ("true",), "s1"), None)
    assert caught.value.problem.code is Code.USAGE
