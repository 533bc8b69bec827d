"""What a crash left is found and removed by the doctor and by the next worker, and nothing else is."""

import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.engine.fleet import Fleet
from clonebox_tui.engine.leftovers import ABANDONED_SECONDS, Leftover, leftovers, remove
from clonebox_tui.model.job import Job, JobState
from clonebox_tui.model.places import Places, places
from clonebox_tui.providers import provider_for
from tests.cli.shell import Said, Shell
from tests.guests.fixtures import MachineMaker

pytestmark = pytest.mark.qemu

URI = "qemu:///system"
ENDED, LIVE = (
    Job(name, "machine.clone", "Clone", state, created_at=0.0)
    for name, state in (("0ended0000", JobState.FAILED), ("0live00000", JobState.RUNNING))
)


@pytest.fixture
def where(machine_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Places whose images and machines lie in a folder of this test's own."""
    monkeypatch.setenv("CLONEBOX_IMAGES_DIR", str(machine_folder))
    return places(os.environ, os.geteuid())


@pytest.fixture
async def fleet(system_libvirt: libvirt.virConnect) -> AsyncIterator[Fleet]:
    """The machines of the system daemon."""
    del system_libvirt
    found = Fleet(provider_for)
    found.add(URI)
    await found.opened(60)
    yield found
    await found.close()


def file(path: Path, text: str = "x", age_seconds: float = 0) -> Path:
    """A file, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    then = time.time() - age_seconds
    os.utime(path, (then, then))
    os.utime(path.parent, (then, then))
    return path


def crashed_world(root: Path) -> tuple[set[Path], set[Path]]:
    """What crashes left, and what only looks alike: (to be removed, to be kept)."""
    machines, images, old = root / "machines", root / "images", ABANDONED_SECONDS + 60
    gone = {
        file(machines / "cut-off" / ".job", ENDED.id).parent,
        file(machines / "unknown-old" / ".job", "1111111111", old).parent,
        file(images / f".building-{ENDED.id}-abc" / "root.tar").parent,
        file(images / ".importing-2222222222-abc" / "part", age_seconds=old).parent,
        file(images / ".removing-debian" / "disk.qcow2", age_seconds=old).parent,
    }
    kept = {
        file(machines / "being-made" / ".job", LIVE.id),
        file(machines / "unknown-new" / ".job", "3333333333"),
        file(machines / "undefined" / "disk.qcow2", age_seconds=old),
        file(images / f".building-{LIVE.id}-abc" / "root.tar"),
        file(images / ".importing-4444444444-abc" / "part"),
        file(images / "debian" / "disk.qcow2"),
        file(images / ".keep-me" / "note", age_seconds=old),
        file(root / "somebody-elses.qcow2", age_seconds=old),
        file(root / "notes" / ".job", "5555555555", old),
    }
    return gone, kept


async def test_only_what_a_crash_left_is_removed(where: Places, fleet: Fleet, machine_folder: Path) -> None:
    gone, kept = crashed_world(machine_folder)
    outside = file(machine_folder.parent / f"{machine_folder.name}-outside" / "precious")
    (machine_folder / "machines" / "link").symlink_to(outside.parent)
    found = await leftovers(fleet, where, URI, (ENDED, LIVE))
    ours = [each for each in found if each.path.startswith(str(machine_folder))]
    assert {Path(each.path) for each in ours if each.removable} == gone
    named = {Path(each.path).name for each in ours if not each.removable}
    assert {"unknown-new", "undefined", ".importing-4444444444-abc"} == named
    await remove(ours)
    assert [path for path in gone if path.exists()] == []
    assert [path for path in kept if not path.exists()] == []
    assert outside.read_text() == "x"
    outside.unlink()
    outside.parent.rmdir()
    again = await leftovers(fleet, where, URI, (ENDED, LIVE))
    assert [each for each in again if each.removable] == []


async def test_a_defined_machines_folder_is_never_a_left_over(
    where: Places, fleet: Fleet, machine_folder: Path, micro_machines: MachineMaker
) -> None:
    made = micro_machines(start=False)
    # Its disk lies in a folder that carries the mark of a job that is over, under another name than its own.
    folder = file(machine_folder / "machines" / "renamed" / ".job", ENDED.id).parent
    disk = folder / "disk.qcow2"
    made.disk.rename(disk)
    xml = made.domain.XMLDesc().replace(str(made.disk), str(disk))
    made.domain.connect().defineXML(xml)
    await fleet.refresh(URI)
    found = await leftovers(fleet, where, URI, (ENDED,))
    assert [each for each in found if each.path.startswith(str(machine_folder))] == []
    assert disk.exists()


async def test_nothing_is_called_a_left_over_while_the_connection_is_down(
    where: Places, machine_folder: Path
) -> None:
    crashed_world(machine_folder)
    fleet = Fleet(provider_for)
    down = "qemu+unix:///system?socket=/nowhere/libvirt-sock"
    fleet.add(down)
    await fleet.opened(60)
    nothing: tuple[Leftover, ...] = ()
    assert await leftovers(fleet, where, down, ()) == nothing
    assert await leftovers(fleet, where, URI, ()) == nothing
    await fleet.close()


def test_doctor_fix_and_the_next_worker_remove_it(system_libvirt: libvirt.virConnect) -> None:
    del system_libvirt
    shell = Shell("--connect", URI)
    shell.environment["CLONEBOX_IMAGES_DIR"] = str(shell.root / "images-here")
    images = shell.root / "images-here"
    old = ABANDONED_SECONDS + 60
    try:
        assert shell("list").code == 0
        cut_off = file(images / "machines/cut-off/.job", "1111111111", old).parent
        unknown = file(images / "machines/undefined/disk.qcow2", age_seconds=old)
        check = leftover_check(shell("doctor", "--json"))
        assert check["fixable"] is True
        assert str(cut_off) in str(check["found"])
        check = leftover_check(shell("doctor", "--fix", "--json"))
        assert check["fixable"] is False
        assert not cut_off.exists()
        shell("worker", "stop", "--force")
        half = file(images / "images/.building-1111111111-x/root.tar", age_seconds=old).parent
        assert shell("list").code == 0
        deadline = time.monotonic() + 120
        while half.exists():
            assert time.monotonic() < deadline, "the next worker left it"
            time.sleep(0.1)
        assert unknown.exists()
        log = shell.root / "state/clonebox/worker.log"
        while "removed a left-over" not in log.read_text():  # it is told once it was done
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        shell.close()


def leftover_check(said: Said) -> dict[str, object]:
    """What the doctor says of left-overs."""
    return next(check for check in said.document()["checks"] if check["name"] == "left-overs")
