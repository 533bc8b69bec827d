"""No file that a chain needs is removed or written into, whoever needs it, known to libvirt or not."""

import os
import subprocess
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.engine.backing import backing_users, chain
from clonebox_tui.model.acts import DeleteMachine, DeleteSnapshot, ForkMachine
from clonebox_tui.model.job import JobState
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.time_bench import TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]


def _places(bench: TimeBench) -> Places:
    return places({"HOME": "/nowhere", "CLONEBOX_IMAGES_DIR": str(bench.folder / "store")}, 0)


def _layer(base: Path, layer: Path) -> None:
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, layer],
        check=True,
    )


def _take_inside(disk: Path, count: int) -> None:
    for number in range(count):
        subprocess.run(["qemu-img", "snapshot", "-c", f"{number}", disk], check=True)


def _external(bench: TimeBench, name: str) -> Path:
    """An external snapshot, as virsh takes them of machines that are off; the file that is written now."""
    path = Path(f"{bench.disk}.{name}")
    xml = (
        f"<domainsnapshot><name>{name}</name><disks><disk name='vda' snapshot='external'>"
        f"<source file='{path}'/></disk></disks></domainsnapshot>"
    )
    bench.domain.snapshotCreateXML(xml, libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)
    return path


async def test_layers_that_libvirt_does_not_know_keep_their_base(bench: TimeBench) -> None:
    odd = bench.folder / "store" / "kept" / "a layer without any suffix"
    odd.parent.mkdir()
    _layer(bench.disk, odd)
    needed = await backing_users(bench.fleet, _places(bench), without=bench.machine)
    assert needed[str(bench.disk)] == str(odd)
    assert str(bench.folder / "base.qcow2") in needed
    with pytest.raises(ProblemError) as caught:
        await bench.engine.jobs.plan(DeleteMachine(bench.machine), None)
    assert caught.value.problem.code is Code.IMAGE_IN_USE
    assert bench.disk.exists()


async def test_a_base_that_was_moved_away_is_named_all_the_same(bench: TimeBench) -> None:
    base = bench.folder / "base.qcow2"
    base.rename(bench.folder / "elsewhere.qcow2")
    assert await chain(str(bench.disk)) == (str(bench.disk), str(base))
    needed = await backing_users(bench.fleet, _places(bench))
    assert needed[str(base)] == bench.name


async def test_many_snapshots_inside_hide_no_base(bench: TimeBench) -> None:
    _take_inside(bench.disk, 250)
    assert await chain(str(bench.disk)) == (str(bench.disk), str(bench.folder / "base.qcow2"))


async def test_what_going_back_left_aside_does_not_hold_its_own_machine(bench: TimeBench) -> None:
    bench.domain.snapshotCreateXML("<domainsnapshot><name>inside</name></domainsnapshot>", 0)
    orphan = _external(bench, "outside")
    force = libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE
    bench.domain.revertToSnapshot(bench.domain.snapshotLookupByName("inside"), force)
    assert orphan.exists()
    with pytest.raises(ProblemError) as caught:
        await bench.engine.jobs.plan(ForkMachine(bench.machine, (f"{bench.name}-a",), "outside"), None)
    assert "written to" in caught.value.problem.why
    # Not one of ours by its metadata's folder alone: the machine's own folder goes as a whole.
    job = await bench.job(DeleteMachine(bench.machine))
    assert (job.state, job.problem) == (JobState.SUCCEEDED, None)
    assert not orphan.exists()
    assert (bench.folder / "base.qcow2").exists()


async def test_a_fork_keeps_the_external_snapshot_it_stands_on(bench: TimeBench) -> None:
    _external(bench, "outside")
    fork = bench.folder / "store" / "machines" / f"{bench.name}-fork" / "disk.qcow2"
    fork.parent.mkdir()
    _layer(bench.disk, fork)
    for act in (DeleteSnapshot(bench.machine, "outside"), DeleteMachine(bench.machine)):
        with pytest.raises(ProblemError) as caught:
            await bench.engine.jobs.plan(act, None)
        assert caught.value.problem.code is Code.IMAGE_IN_USE
    fork.unlink()
    await bench.engine.jobs.plan(DeleteSnapshot(bench.machine, "outside"), None)
