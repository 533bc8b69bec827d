"""Deleted on real libvirt and brought back: disk, snapshots with memory of them, key, labels, name."""

import asyncio
import os
import subprocess
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.engine.backing import backing_users
from clonebox_tui.engine.disk_image import image_info
from clonebox_tui.engine.trash.timing import purge_in_time
from clonebox_tui.model.acts import (
    ImportImage,
    LabelMachine,
    PurgeMachine,
    RemoveImage,
    RestoreSnapshot,
    TrashMachine,
    TrashSnapshot,
    UntrashMachine,
)
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.problem import Code, ProblemError
from tests.engine.time_bench import URI, WAIT_SECONDS, TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]


def _snapshot(bench: TimeBench, name: str) -> None:
    bench.domain.snapshotCreateXML(f"<domainsnapshot><name>{name}</name></domainsnapshot>", 0)


def _tree(domain: libvirt.virDomain) -> dict[str, tuple[str, bool]]:
    """Snapshots with their parents, and whether they are where the machine is."""
    found = {}
    for each in domain.listAllSnapshots():
        try:
            parent = each.getParent().getName()
        except libvirt.libvirtError:
            parent = ""
        found[each.getName()] = (parent, bool(each.isCurrent()))
    return found


async def _prepared(bench: TimeBench) -> dict[str, tuple[str, bool]]:
    """A machine with labels, a key and a tree of snapshots: `side` and `now` hang below `base`."""
    await bench.done(LabelMachine(bench.machine, Labels(("kept",), "group", "a note"), Labels()))
    (bench.disk.parent / "id_ed25519").write_text("a key")
    bench.write("mkdir before")
    _snapshot(bench, "base")
    _snapshot(bench, "side")
    await bench.done(RestoreSnapshot(bench.machine, "base"))
    bench.write("mkdir after")
    _snapshot(bench, "now")
    for name in bench.domain.snapshotListNames():
        if name.startswith("safety-"):
            bench.domain.snapshotLookupByName(name).delete()
    bench.domain.setAutostart(1)
    return _tree(bench.domain)


async def test_what_was_deleted_comes_back_as_it_was(bench: TimeBench) -> None:
    tree = await _prepared(bench)
    assert tree == {"base": ("", False), "side": ("base", False), "now": ("base", True)}
    before, definition = bench.hash(), bench.domain.XMLDesc()
    await bench.done(TrashMachine(bench.machine))
    assert bench.name not in [each.name() for each in bench.connection.listAllDomains()]
    assert not bench.disk.parent.exists()
    assert bench.machine not in bench.fleet.machines
    base = str(bench.folder / "base.qcow2")
    needed = await backing_users(bench.fleet, bench.engine.world.places)
    assert needed[base] == (f"{bench.name} (in the trash)",)
    await bench.done(UntrashMachine(bench.machine))
    assert (bench.hash(), bench.domain.XMLDesc(), _tree(bench.domain)) == (before, definition, tree)
    assert bench.domain.autostart()
    assert (bench.disk.parent / "id_ed25519").read_text() == "a key"
    assert bench.fleet.machine(bench.machine).labels == Labels(("kept",), "group", "a note")
    assert not (bench.folder / "store" / "trash").exists()
    await bench.up()
    assert "after" in await bench.guest("ls /mnt/vda")
    await bench.done(RestoreSnapshot(bench.machine, "base"))
    await bench.up()
    assert "after" not in await bench.guest("ls /mnt/vda")


async def test_a_running_machine_whose_name_is_taken_comes_back_under_another(bench: TimeBench) -> None:
    await _prepared(bench)
    await bench.up()
    await bench.done(TrashMachine(bench.machine))
    bench.disk.parent.mkdir()
    with pytest.raises(ProblemError) as caught:
        await bench.engine.jobs.plan(UntrashMachine(bench.machine), None)
    assert caught.value.problem.code is Code.NAME_TAKEN
    assert "--name" in caught.value.problem.next
    other = f"{bench.name}-again"
    assert (await bench.done(UntrashMachine(bench.machine, other)))["name"] == other
    assert bench.domain.name() == other
    assert str(bench.disk.parent) + "/" not in bench.domain.XMLDesc()
    spec = await bench.fleet.provider_of(bench.machine)[0].spec(bench.spec.uuid)
    assert spec is not None
    assert (spec.name, Path(spec.disk_path).parent.name) == (other, other)
    await bench.done(RestoreSnapshot(bench.machine, "base"))
    await bench.up()
    assert "before" in await bench.guest("ls /mnt/vda")
    assert bench.fleet.machine(bench.machine).name == other


async def test_time_is_up(bench: TimeBench) -> None:
    await _prepared(bench)
    await bench.done(TrashMachine(bench.machine))
    ((place, entry),) = bench.engine.trash.all()
    assert entry.machine.until_at - entry.machine.deleted_at == 7 * 86_400
    assert place.stat().st_mode & 0o777 == 0o700
    now = [entry.machine.until_at - 1]
    purging = asyncio.create_task(
        purge_in_time(
            bench.engine.trash, bench.engine.hidden, bench.engine.jobs, lambda: now[0], look_seconds=0.05
        )
    )
    await asyncio.sleep(0.3)
    assert place.exists()
    now[0] += 2
    async with asyncio.timeout(WAIT_SECONDS):
        while place.exists() or bench.engine.jobs.running:  # noqa: ASYNC110 nobody tells
            await asyncio.sleep(0.05)
    purging.cancel()
    assert list((bench.folder / "store").rglob("*")) == [bench.folder / "store" / "machines"]
    with pytest.raises(ProblemError) as caught:
        await bench.engine.jobs.plan(PurgeMachine(bench.machine), None)
    assert caught.value.problem.code is Code.MACHINE_NOT_FOUND


async def test_nothing_is_purged_while_nobody_can_say_who_needs_it(bench: TimeBench) -> None:
    await bench.done(TrashMachine(bench.machine))
    await bench.fleet.remove(URI)
    bench.fleet.connection_changed(Connection(URI, Link.DOWN, 0.0, "libvirt"))
    for act in (PurgeMachine(bench.machine), RemoveImage("any", URI)):
        with pytest.raises(ProblemError) as caught:
            await bench.engine.jobs.plan(act, None)
        assert caught.value.problem.code is Code.CONNECTION_FAILED
    await bench.fleet.reopen(URI)
    assert await bench.fleet.opened(30)
    await bench.done(PurgeMachine(bench.machine))


async def test_time_is_up_for_deleted_snapshots(bench: TimeBench) -> None:
    for name in ("kept", "gone", "below"):
        _snapshot(bench, name)
    hidden = bench.engine.hidden
    await bench.done(TrashSnapshot(bench.machine, "gone", children=True))
    assert {each.name for each in hidden.all} == {"gone", "below"}
    now = [hidden.all[0].until_at - 1]
    purging = asyncio.create_task(
        purge_in_time(bench.engine.trash, hidden, bench.engine.jobs, lambda: now[0], look_seconds=0.05)
    )
    await asyncio.sleep(0.3)
    assert _tree(bench.domain) == {
        "kept": ("", False),
        "gone": ("kept", False),
        "below": ("gone", True),
    }
    now[0] += 2
    async with asyncio.timeout(WAIT_SECONDS):
        while hidden.all or bench.engine.jobs.running:  # noqa: ASYNC110 nobody tells
            await asyncio.sleep(0.05)
    purging.cancel()
    assert _tree(bench.domain) == {"kept": ("", True)}
    info = await image_info(str(bench.disk))
    assert info is not None
    assert [each.name for each in info.snapshots] == ["kept"]


async def test_an_image_that_only_a_machine_in_the_trash_needs_stays(bench: TimeBench) -> None:
    imported = await bench.done(ImportImage(str(bench.folder / "base.qcow2"), URI, "kept"))
    place = bench.engine.world.places.images(URI) / "images" / "kept" / "disk.qcow2"
    assert place.is_file(), imported
    rebase = ["qemu-img", "rebase", "-u", "-F", "qcow2", "-b", str(place), str(bench.disk)]
    await asyncio.to_thread(subprocess.run, rebase, check=True)
    await bench.done(TrashMachine(bench.machine))
    with pytest.raises(ProblemError) as caught:
        await bench.engine.jobs.plan(RemoveImage("kept", URI), None)
    found = caught.value.problem
    assert found.code is Code.IMAGE_IN_USE
    assert found.details == (f"{bench.name} (in the trash)",)
    assert "trash list" in found.next
    assert place.is_file()
    await bench.done(PurgeMachine(bench.machine))
    await bench.done(RemoveImage("kept", URI))
    assert not place.exists()


async def test_a_folder_that_is_a_mount_stays_in_its_place(
    bench: TimeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No rename leaves a file system: the plug would be pulled for a deletion that fails."""
    monkeypatch.setattr("os.path.ismount", lambda path: path == bench.disk.parent)
    plan = await bench.engine.jobs.plan(TrashMachine(bench.machine), None)
    assert "file system of its own" in " ".join(plan.notes)
    await bench.done(TrashMachine(bench.machine))
    assert bench.disk.exists()
    await bench.done(UntrashMachine(bench.machine))
    assert bench.domain.name() == bench.name


async def test_disks_that_stand_on_one_another_stay_in_their_place(bench: TimeBench) -> None:
    layer = Path(f"{bench.disk}.outside")
    bench.domain.snapshotCreateXML(
        f"<domainsnapshot><name>outside</name><disks><disk name='vda' snapshot='external'>"
        f"<source file='{layer}'/></disk></disks></domainsnapshot>",
        libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY,
    )
    tree = _tree(bench.domain)
    await bench.done(TrashMachine(bench.machine))
    assert set(bench.disk.parent.iterdir()) == {bench.disk, layer}
    await bench.done(UntrashMachine(bench.machine))
    assert _tree(bench.domain) == tree
    await bench.done(TrashMachine(bench.machine))
    await bench.done(PurgeMachine(bench.machine))
    assert list((bench.folder / "store").rglob("*")) == [bench.folder / "store" / "machines"]
