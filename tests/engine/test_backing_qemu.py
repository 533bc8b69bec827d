"""No file that a chain needs is removed or written into, whoever needs it, known to libvirt or not."""

import json
import os
import subprocess
import uuid
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.engine.backing import Users, backing_users, chain
from clonebox_tui.model.acts import DeleteMachine, DeleteSnapshot, ForkMachine, RestoreSnapshot, TrashMachine
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.time_bench import URI, TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]


def _places(bench: TimeBench) -> Places:
    return places({"HOME": "/nowhere", "CLONEBOX_IMAGES_DIR": str(bench.folder / "store")}, 0)


async def _needed(bench: TimeBench) -> Users:
    return await backing_users(bench.fleet, _places(bench))


def _real(path: str) -> str:
    return str(Path(path).resolve())


def _layer(base: Path, layer: Path) -> None:
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", base, layer],
        check=True,
    )


def _described(layer: Path, data: Path) -> None:
    kept = f"data_file={data},data_file_raw=on"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-o", kept, layer, "1M"], check=True)


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
    assert needed[str(bench.disk)] == (str(odd),)
    assert str(bench.folder / "base.qcow2") in needed
    with pytest.raises(ProblemError) as caught:
        await bench.engine.jobs.plan(DeleteMachine(bench.machine), None)
    assert caught.value.problem.code is Code.IMAGE_IN_USE
    assert bench.disk.exists()


@pytest.mark.parametrize("way", ["..", "a link", "options", "data file"])
async def test_a_base_is_known_by_whatever_name_it_is_called(bench: TimeBench, way: str) -> None:
    store = bench.folder / "store"
    layer = store / "kept" / "layer.qcow2"
    layer.parent.mkdir()
    (bench.folder / "link").symlink_to(store)
    link = bench.folder / "link" / bench.disk.relative_to(store)
    options = {"driver": "qcow2", "file": {"driver": "file", "filename": str(bench.disk)}}
    if way == "data file":
        _described(layer, bench.disk.with_name("data.raw"))
    else:
        names = {"..": f"../{bench.disk.relative_to(store)}", "a link": str(link)}
        _layer(Path(names.get(way, f"json:{json.dumps(options)}")), layer)
    for act in (DeleteMachine(bench.machine), TrashMachine(bench.machine)):
        with pytest.raises(ProblemError) as caught:
            await bench.engine.jobs.plan(act, None)
        assert caught.value.problem.code is Code.IMAGE_IN_USE
        assert str(layer) in caught.value.problem.why


@pytest.mark.parametrize("way", ["volume", "said to stand on"])
async def test_other_machines_need_what_only_their_definition_names(bench: TimeBench, way: str) -> None:
    pool = f"{bench.name}-pool"
    place = f"<target><path>{bench.disk.parent}</path></target>"
    made = bench.connection.storagePoolDefineXML(f"<pool type='dir'><name>{pool}</name>{place}</pool>")
    disk = {
        "volume": f"<disk type='volume'><source pool='{pool}' volume='{bench.disk.name}'/>",
        "said to stand on": "<disk type='file'><source file='/absent.qcow2'/><backingStore type='file'>"
        f"<format type='qcow2'/><source file='{bench.disk}'/><backingStore/></backingStore>",
    }[way]
    try:
        bench.connection.defineXML(
            f"<domain type='qemu'><name>{bench.name}-other</name><memory>65536</memory>"
            f"<os><type>hvm</type></os><devices>{disk}<driver name='qemu' type='qcow2'/>"
            "<target dev='vda'/></disk></devices></domain>"
        )
        await bench.fleet.refresh(URI)
        with pytest.raises(ProblemError, match="other disks stand") as caught:
            await bench.engine.jobs.plan(DeleteMachine(bench.machine), None)
        assert f"{bench.name}-other" in caught.value.problem.why
    finally:
        made.undefine()


async def test_a_layer_beside_a_disk_of_a_machine_not_made_here_keeps_it(bench: TimeBench) -> None:
    folder = bench.folder / "elsewhere"
    folder.mkdir()
    _layer(bench.folder / "base.qcow2", folder / "disk.qcow2")
    _layer(folder / "disk.qcow2", folder / "a copy of mine")
    os.mkfifo(folder / "pipe")
    name = f"{bench.name}-other"
    made = bench.connection.defineXML(
        f"<domain type='qemu'><name>{name}</name><memory>65536</memory><os><type>hvm</type></os><devices>"
        f"<disk type='file'><driver name='qemu' type='qcow2'/><source file='{folder}/disk.qcow2'/>"
        "<target dev='vda'/></disk></devices></domain>"
    )
    await bench.fleet.refresh(URI)
    act = DeleteMachine(machine_id(URI, made.UUIDString()), disks=True)
    with pytest.raises(ProblemError) as caught:
        await bench.engine.jobs.plan(act, None)
    assert caught.value.problem.details == (f"{folder}/disk.qcow2 ← {folder}/a copy of mine",)
    (folder / "a copy of mine").unlink()
    await bench.engine.jobs.plan(act, None)


async def test_what_a_machine_boots_from_is_needed_too(bench: TimeBench) -> None:
    """The fork of a running machine has a disk that stands on nothing; its kernel is the image's."""
    assert bench.spec.boot is not None
    kernel = _real(bench.spec.boot.kernel)
    assert bench.name in (await _needed(bench))[kernel]
    await bench.done(TrashMachine(bench.machine))
    assert f"{bench.name} (in the trash)" in (await _needed(bench))[kernel]


async def test_all_that_stand_on_a_file_are_told(bench: TimeBench) -> None:
    fork = f"{bench.name}-fork"
    layer = bench.folder / "layer.qcow2"
    _layer(bench.folder / "base.qcow2", layer)
    xml = bench.domain.XMLDesc().replace(str(bench.disk), str(layer)).replace(bench.name, fork)
    bench.connection.defineXML(xml.replace(bench.spec.uuid, str(uuid.uuid4())))
    await bench.fleet.refresh(URI)
    needed = await _needed(bench)
    assert set(needed[str(bench.folder / "base.qcow2")]) == {bench.name, fork}


async def test_a_base_that_was_moved_away_is_named_all_the_same(bench: TimeBench) -> None:
    base = bench.folder / "base.qcow2"
    base.rename(bench.folder / "elsewhere.qcow2")
    assert await chain(str(bench.disk)) == (str(bench.disk), str(base))
    needed = await _needed(bench)
    assert needed[str(base)] == (bench.name,)


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


async def test_nothing_is_begun_to_go_back_to_a_file_beside_the_disk(bench: TimeBench) -> None:
    _external(bench, "outside")
    with pytest.raises(ProblemError, match="cannot go back to 'outside'") as caught:
        await bench.engine.jobs.plan(RestoreSnapshot(bench.machine, "outside"), None)
    assert caught.value.problem.code is Code.NOT_SUPPORTED
    assert f"fork {bench.name} outside" in caught.value.problem.next


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
