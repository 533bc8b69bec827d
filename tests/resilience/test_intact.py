"""A disk or its base that is gone or was altered behind our back is found before a start harms it."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.images.checksum import sha512_of
from clonebox_tui.engine.images.metadata import Metadata
from clonebox_tui.engine.intact import require_intact
from clonebox_tui.engine.standing import keep_standing
from clonebox_tui.model.problem import Code, ProblemError
from tests.cli.shell import Said, Shell
from tests.guests.fixtures import MachineMaker, MicroMachine

URI = "qemu:///system"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The disk of an image as a build leaves it."""
    disk = tmp_path / "debian" / metadata.DISK
    disk.parent.mkdir()
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(disk), "16M"], check=True)
    size = disk.stat().st_size
    made = Metadata("debian", "built", time.time(), size, 16 << 20, sha512_of(disk))
    metadata.write(made, disk.parent)
    return disk


@pytest.fixture
def layer(base: Path, tmp_path: Path) -> Path:
    """A machine's disk over it."""
    path = tmp_path / "layer.qcow2"
    line = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(base), str(path)]
    subprocess.run(line, check=True)
    return path


def look(paths: list[str]) -> None:
    """Look at these disks of a machine called web."""
    asyncio.run(require_intact(paths, "web"))


def refused(path: Path) -> str:
    """Why this disk may not be used."""
    with pytest.raises(ProblemError) as caught:
        look([str(path)])
    assert caught.value.problem.code is Code.IMAGE_INVALID
    assert caught.value.problem.next
    return f"{caught.value.problem.what} {caught.value.problem.why}"


def test_whole_chains_pass_whatever_their_date(base: Path, layer: Path) -> None:
    look([str(layer), str(base)])
    os.utime(base, (time.time() + 100,) * 2)
    look([str(layer)])  # copied elsewhere: another date, the same contents


def test_every_way_to_lose_a_base_is_found(base: Path, layer: Path) -> None:
    kept = base.read_bytes()
    base.unlink()
    assert str(base) in refused(layer)
    base.write_bytes(kept + b"more")
    assert "was altered" in refused(layer)
    base.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    os.utime(base, (time.time() + 100,) * 2)
    assert "was altered" in refused(layer)
    base.write_bytes(b"rubbish" * 100)
    refused(layer)
    base.write_bytes(kept)
    look([str(layer)])


def test_a_disk_that_is_gone_or_rubbish_is_found(layer: Path) -> None:
    layer.write_bytes(b"\0" * 4096)
    layer.unlink()
    assert str(layer) in refused(layer)


def test_an_imported_base_is_known_by_its_contents(base: Path, layer: Path) -> None:
    made = Metadata("given", "imported", time.time(), base.stat().st_size, 16 << 20, "of another file")
    metadata.write(msgspec.structs.replace(made, marks=metadata.marks_of(base.parent)), base.parent)
    kept, status = base.read_bytes(), base.stat()
    look([str(layer)])
    os.utime(base, (1, 1))
    look([str(layer)])
    base.rename(base.with_name("aside"))
    base.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    os.utime(base, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "was altered" in refused(layer)


def test_a_layer_remembers_what_it_was_made_on(base: Path, layer: Path) -> None:
    foreign = base.with_name("foreign.qcow2")
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(foreign), "16M"], check=True)
    rebase = ["qemu-img", "rebase", "-u", "-F", "qcow2", "-b", str(foreign), str(layer)]
    keep_standing(layer, base, "qcow2")
    look([str(layer)])
    subprocess.run(rebase, check=True)
    assert "another file" in refused(layer)
    keep_standing(layer, foreign, "qcow2")
    look([str(layer)])
    os.utime(foreign, (1, 1))  # no checksum is known of a file that is no image of ours
    assert "was altered" in refused(layer)
    subprocess.run(["qemu-img", "rebase", "-b", "", str(layer)], check=True)
    look([str(layer)])


@pytest.fixture
def shell() -> Iterator[Shell]:
    """The program on the system daemon."""
    made = Shell("--connect", URI)
    yield made
    made.close()


@pytest.fixture
def machine(micro_machines: MachineMaker) -> MicroMachine:
    """A machine that is off, its disk moved onto a base."""
    made = micro_machines(start=False)
    base = made.disk.with_name(f"{made.name}-base.qcow2")
    made.disk.rename(base)
    line = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", str(base), str(made.disk)]
    subprocess.run(line, check=True)
    made.disk.chmod(0o666)
    return made


@pytest.mark.qemu
def test_a_start_over_a_lost_base_is_refused_and_explained(shell: Shell, machine: MicroMachine) -> None:
    base = machine.disk.with_name(f"{machine.name}-base.qcow2")
    away = base.rename(f"{base}.away")
    before = machine.disk.read_bytes()
    assert_invalid(shell("start", f"{URI}/{machine.name}", "--json"), str(base))
    assert machine.disk.read_bytes() == before
    away.rename(base)
    assert shell("start", f"{URI}/{machine.name}").code == 0
    assert shell("kill", f"{URI}/{machine.name}", "--yes").code == 0
    machine.disk.unlink()
    assert_invalid(shell("start", f"{URI}/{machine.name}", "--json"), str(machine.disk))


@pytest.mark.qemu
def test_a_start_without_memory_is_refused_before_it_begins(shell: Shell, machine: MicroMachine) -> None:
    xml = (
        machine.domain.XMLDesc()
        .replace("<memory unit='KiB'>", "<memory unit='GiB'>9")
        .replace("<currentMemory unit='KiB'>", "<currentMemory unit='GiB'>9")
    )
    machine.domain.connect().defineXML(xml)
    said = shell("start", f"{URI}/{machine.name}", "--json")
    assert said.code == 6
    assert said.problem()["code"] == "memory-short"
    assert "GiB" in str(said.problem()["why"])


def assert_invalid(said: Said, path: str) -> None:
    """The job failed with its reason; exit code 1."""
    assert said.code == 1, said
    told = json.loads(said.stdout)["jobs"][0]["problem"] if said.stdout else said.problem()
    assert told["code"] == "image-invalid"
    assert path in f"{told['why']} {told['what']}"
    assert told["next"]
