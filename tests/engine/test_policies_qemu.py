"""Snapshots by themselves on real QEMU: as time goes by and before risky acts, and what is kept of them."""

import os
from pathlib import Path
from xml.etree import ElementTree

import libvirt
import pytest

from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.engine.snapshots.schedule import Schedule
from clonebox_tui.model.acts import CopyToGuest, CreateSnapshot, SetSnapshotPolicy
from clonebox_tui.model.job import JobState
from clonebox_tui.model.snapshot_policy import AUTOMATIC_PREFIX, BEFORE_PREFIX, SnapshotPolicy
from clonebox_tui.model.undo import OnDeed, Undo
from tests.engine.time_bench import TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]
HOUR = 3600.0
FRIDAY = 1_799_971_200.0  # 2027-01-15 00:00 UTC


def _date(bench: TimeBench, name: str, at: float) -> None:
    """Have libvirt say that a snapshot was taken at another time."""
    tree = ElementTree.fromstring(bench.domain.snapshotLookupByName(name).getXMLDesc())  # noqa: S314
    created = tree.find("creationTime")
    assert created is not None
    created.text = str(int(at))
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT
    bench.domain.snapshotCreateXML(ElementTree.tostring(tree, "unicode"), flags)


@pytest.fixture
def now(bench: TimeBench, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of the schedule, and of what libvirt says of the snapshots that are taken."""
    times = [0.0]
    provider, _ = bench.fleet.provider_of(bench.machine)
    take = provider.create_snapshot

    async def take_then(uuid: str, name: str, description: str, memory: bool, safety: bool) -> None:
        await take(uuid, name, description, memory, safety)
        _date(bench, name, times[0])

    monkeypatch.setattr(provider, "create_snapshot", take_then)
    return times


def _names(bench: TimeBench, prefix: str = AUTOMATIC_PREFIX) -> list[str]:
    return sorted(name for name in bench.domain.snapshotListNames() if name.startswith(prefix))


async def test_every_so_many_hours_and_last_daily_weekly_are_kept(bench: TimeBench, now: list[float]) -> None:
    await bench.up()
    now[0] = FRIDAY
    await bench.done(CreateSnapshot(bench.machine, "auto-mine"))
    await bench.done(SetSnapshotPolicy(bench.machine, SnapshotPolicy(12, 1, keep_daily=2, keep_weekly=2)))
    policies = Policies(bench.engine.world.places.config)
    schedule = Schedule(bench.fleet, bench.engine.jobs, policies, lambda: now[0])
    kept = []
    # From Saturday noon to Tuesday noon; after half the time none is due.
    for hours in (36, 42, 60, 72, 96, 108):
        now[0] = FRIDAY + hours * HOUR
        await schedule.look()
        kept.append([name.removeprefix("auto-202701") for name in _names(bench)])
    saturday, sunday, monday, tuesday = "16-120000", "17-120000", "19-000000", "19-120000"
    assert kept == [
        [saturday, "auto-mine"],
        [saturday, "auto-mine"],
        [saturday, sunday, "auto-mine"],
        [sunday, "18-000000", "auto-mine"],
        [sunday, "18-000000", monday, "auto-mine"],
        # The last of this week and day, of the day before, and of the week before.
        [sunday, "18-000000", tuesday, "auto-mine"],
    ]
    assert bench.domain.isActive()


async def test_a_file_brought_in_is_taken_back_with_all_that_was_then(
    bench: TimeBench, tmp_path: Path
) -> None:
    await bench.up()
    await bench.done(SetSnapshotPolicy(bench.machine, SnapshotPolicy(before_risky=True, keep_before=1)))
    await bench.guest("echo old > /tmp/kept; echo counted > /tmp/counter")
    source = tmp_path / "kept"
    names = []
    for text in ("new", "newer"):
        source.write_text(f"{text}\n")
        names.append((await bench.done(CopyToGuest(bench.machine, str(source), "/tmp/kept")))["before"])
    assert _names(bench, BEFORE_PREFIX) == names[1:]
    assert await bench.guest("cat /tmp/kept") == "newer\n"
    planned = await bench.engine.history.plan(OnDeed())
    job = await bench.engine.history.run(Undo(planned.deed.id, False, planned.plan.fingerprint))
    assert (await bench.engine.jobs.wait(job.id)).state is JobState.SUCCEEDED
    assert await bench.guest("cat /tmp/kept /tmp/counter") == "new\ncounted\n"
