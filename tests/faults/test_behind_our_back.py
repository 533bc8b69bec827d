"""Files of a machine or of its image altered behind our back: found before a start, a clone or a snapshot."""

import os
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from clonebox_tui.model.acts import Act, CloneMachine, CreateSnapshot, StartMachine
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.problem import Code, Problem
from tests.faults.real import URI, RealWorld
from tests.faults.site import Site

pytestmark = pytest.mark.qemu


@dataclass(frozen=True)
class Machine:
    """A clone that is off, over an image that has one snapshot of it."""

    act: CloneMachine
    id: str
    disk: Path
    image: Path


@contextmanager
def _replaced(path: Path) -> Iterator[bytes]:
    """The file's contents; whatever happens to it, it is back afterwards, as a backup brings it back."""
    aside, status = path.with_name(f"{path.name}.aside"), path.stat()
    path.rename(aside)
    contents = aside.read_bytes()
    path.write_bytes(contents)
    os.chown(path, status.st_uid, status.st_gid)
    path.chmod(status.st_mode)
    try:
        yield contents
    finally:
        path.unlink(missing_ok=True)
        aside.rename(path)


def _other_contents(path: Path, contents: bytes) -> None:
    """The same size and date."""
    status = path.stat()
    path.write_bytes(contents[:-512] + bytes(512 - 1) + b"\x01")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _shorter(path: Path, contents: bytes) -> None:
    path.write_bytes(contents[: len(contents) // 2])


def _gone(path: Path, _contents: bytes) -> None:
    path.unlink()


def _rebased(path: Path, _contents: bytes) -> None:
    other = path.with_name("other.qcow2")
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", str(other), "64M"], check=True)
    words = ["qemu-img", "rebase", "-u", "-F", "qcow2", "-b", str(other), str(path)]
    subprocess.run(words, check=True)
    other.chmod(0o644)


ALTERED = {
    "base with other contents": ("disk.qcow2", _other_contents),
    "base cut off": ("disk.qcow2", _shorter),
    "base gone": ("disk.qcow2", _gone),
    "kernel with other contents": ("vmlinux", _other_contents),
    "initrd gone": ("initrd.img", _gone),
}
OWN = {"overlay gone": _gone, "overlay rebased": _rebased}


@pytest.fixture
async def machine(real: RealWorld, site: Site) -> Machine:
    """Cloned as a person does it, then off."""
    subject = real.clone()
    await subject.prepare()
    job = await site.attempt(subject.act)
    assert job is not None
    assert job.state is JobState.SUCCEEDED, job.problem
    domain = real.connection.lookupByName(real.name)
    domain.destroy()
    act = subject.act
    assert isinstance(act, CloneMachine)
    again = msgspec.structs.replace(
        act, wish=msgspec.structs.replace(act.wish, name=f"{real.name}-b"), config_text=""
    )
    disk = real.images / "machines" / real.name / "disk.qcow2"
    return Machine(again, machine_id(URI, domain.UUIDString()), disk, real.images / "images" / "micro")


async def _refused(site: Site, act: Act) -> Problem:
    """Why it was not done."""
    site.refused = None
    job = await site.attempt(act)
    found = job.problem if job else site.refused
    assert found is not None, job
    assert (found.code, bool(found.next)) == (Code.IMAGE_INVALID, True), found
    return found


async def test_nothing_is_begun_on_what_was_altered(real: RealWorld, site: Site, machine: Machine) -> None:
    start, snapshot = StartMachine(machine.id), CreateSnapshot(machine.id, "fresh")
    before = real.machines()
    refused: Callable[[Act], Awaitable[Problem]] = lambda act: _refused(site, act)  # noqa: E731
    for name, (file, alter) in ALTERED.items():
        path = machine.image / file
        with _replaced(path) as contents:
            alter(path, contents)
            for act in (start, snapshot, machine.act):
                told = await refused(act)
                assert str(path) in f"{told.what} {told.why}", (name, told)
    for name, alter in OWN.items():
        with _replaced(machine.disk) as contents:
            alter(machine.disk, contents)
            for act in (start, snapshot):
                told = await refused(act)
                assert str(machine.disk) in f"{told.what} {told.why}", (name, told)
        machine.disk.with_name("other.qcow2").unlink(missing_ok=True)
    assert real.machines() == before
    job = await site.attempt(start)
    assert job is not None
    assert job.state is JobState.SUCCEEDED, job.problem
