"""Cloning under the real libvirt, on the micro guest: files, definition, start, and their undo."""

import re
import socket
import stat
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import libvirt
import msgspec
import pytest

from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.clone.shares import tag_for
from clonebox_tui.guest import Agent, run
from clonebox_tui.guest.execution import pauses
from clonebox_tui.model.acts import CloneMachine, DeleteMachine
from clonebox_tui.model.environment import PortWish, ShareWish
from clonebox_tui.model.job import JobState
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.model.spec import Boot, MachineSpec
from tests.engine.clone_workshop import WISH, GivenBase, Notes, Workshop, workshop
from tests.guests import domain as domains
from tests.guests.micro import MicroGuest

pytestmark = pytest.mark.qemu

URI = "qemu:///system"
MACHINES = Path("/var/lib/libvirt/images/clonebox/machines")
STEPS = ["config", "image", "folder", "keys", "disk", "seed", "define", "start", "boot"]


@pytest.fixture
def name(system_libvirt: libvirt.virConnect) -> Iterator[str]:
    """A name of its own for the machine; whatever a broken test leaves is removed."""
    chosen = f"cbx-clone-{uuid.uuid4().hex[:8]}"
    yield chosen
    domains.remove(system_libvirt, chosen)
    subprocess.run(["rm", "-rf", str(MACHINES / chosen)], check=True)


@pytest.fixture
def bases(micro_guest: MicroGuest, micro_disk: Path) -> GivenBase:
    """The micro guest, dressed up as a base image."""
    boot = Boot(str(micro_guest.kernel), str(micro_guest.initrd), micro_guest.command_line)
    return GivenBase(Base("micro", str(micro_disk), boot=boot))


@pytest.fixture
def act(name: str, world: Path) -> CloneMachine:
    """A clone of a folder with an odd name, which it shares."""
    folder = world / "mit leer ü"
    folder.mkdir()
    (folder / "marker").write_text("here")
    wish = msgspec.structs.replace(WISH, name=name, shares=(ShareWish(str(folder), "/home/dev/mit leer ü"),))
    return CloneMachine(URI, wish, str(folder), "version: '1'\n")


def _inventory(connection: libvirt.virConnect, *folders: Path) -> list[str]:
    files = [str(path) for folder in folders if folder.is_dir() for path in folder.rglob("*")]
    return sorted([*files, *(domain.name() for domain in connection.listAllDomains())])


async def _made(shop: Workshop, act: CloneMachine) -> str:
    """Do the steps up to the start; the machine's UUID."""
    notes = Notes()
    for step in await shop.handler.steps(act, {}):
        if step.name == "boot":
            break
        await step.do(notes)
    spec = msgspec.convert(notes.memory["spec"], MachineSpec)
    return spec.uuid


def _printed(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def _ours(inventory: list[str], act: CloneMachine) -> list[str]:
    """Others use this libvirt at the same time: only what could be ours counts."""
    return [entry for entry in inventory if act.wish.name in entry or entry.startswith(act.directory)]


@pytest.mark.parametrize("step", STEPS)
async def test_a_failure_at_any_step_leaves_nothing(
    system_libvirt: libvirt.virConnect, world: Path, bases: GivenBase, act: CloneMachine, step: str
) -> None:
    async with workshop(URI, world, bases) as shop:
        before = _ours(_inventory(system_libvirt, MACHINES, Path(act.directory)), act)
        shop.handler.fails = step
        job = await shop.run(act)
        assert job.problem is not None
        assert job.problem.what == f"{step} broke"
        assert job.problem.details == ()
        assert job.state in (JobState.ROLLED_BACK, JobState.FAILED)
        after = _ours(_inventory(system_libvirt, MACHINES, Path(act.directory)), act)
        assert after == before


async def test_the_machine_is_made_as_planned_and_deleted_whole(
    system_libvirt: libvirt.virConnect, world: Path, bases: GivenBase, act: CloneMachine
) -> None:
    async with workshop(URI, world, bases) as shop:
        plan = await shop.jobs.plan(act, None)
        steps = (await shop.handler.steps(act, {}))[: STEPS.index("boot")]
        assert [step.name for step in plan.steps][: len(steps)] == [step.name for step in steps]
        uuid_ = await _made(shop, act)
        folder = MACHINES / act.wish.name
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        assert modes["id_ed25519"] == 0o600
        assert modes["seed.iso"] == 0o600
        assert "host_ed25519" not in modes
        assert "ED25519" in _printed("ssh-keygen", "-l", "-f", str(folder / "known_hosts"))
        machine = f"{URI}/{uuid_}"
        agent = Agent(*shop.fleet.provider_of(machine))
        await shop.fleet.wait_until(machine, lambda one: one is not None and one.agent == "connected", 240)
        tag = tag_for("/home/dev/mit leer ü")
        ready = "until grep -q virtiofs /proc/filesystems; do sleep 0.2; done"
        script = f"{ready}; mkdir /s && mount -t virtiofs $1 /s && cat /s/marker"
        seen = await run(agent, ["sh", "-c", script, "sh", tag], timeout_seconds=240)
        assert seen.text == "here"
        job = await shop.run(DeleteMachine(machine))
        assert (job.state, job.problem) == (JobState.SUCCEEDED, None)
        assert not folder.exists()
        assert act.wish.name not in [domain.name() for domain in system_libvirt.listAllDomains()]
        assert (Path(act.directory) / "marker").read_text() == "here"


async def test_a_cancel_while_the_guest_boots_leaves_nothing(
    system_libvirt: libvirt.virConnect, world: Path, bases: GivenBase, act: CloneMachine
) -> None:
    async with workshop(URI, world, bases) as shop:
        before = _ours(_inventory(system_libvirt, MACHINES, Path(act.directory)), act)
        job = await shop.jobs.run(act)
        await _booting(shop, job.id)
        await shop.jobs.cancel(job.id)
        job = await shop.jobs.wait(job.id)
        assert job.state is JobState.CANCELLED
        assert _ours(_inventory(system_libvirt, MACHINES, Path(act.directory)), act) == before


async def test_a_machine_that_goes_off_while_it_boots_is_reported_with_its_console(
    system_libvirt: libvirt.virConnect, world: Path, bases: GivenBase, act: CloneMachine
) -> None:
    async with workshop(URI, world, bases) as shop:
        job = await shop.jobs.run(act)
        await _booting(shop, job.id)
        domain = system_libvirt.lookupByName(act.wish.name)
        domain.destroy()
        job = await shop.jobs.wait(job.id)
        assert job.problem is not None
        assert job.problem.code is Code.NOT_READY
        assert "went off" in job.problem.what
        assert any(line.startswith("console: ") for line in job.problem.details), job.problem.details


async def _booting(shop: Workshop, job: str) -> None:
    """Wait until the guest says something: a whole word stands in its console log."""
    log = MACHINES / shop.jobs.job(job).name / "serial.log"
    async for _ in pauses():
        if log.is_file() and re.search(rb"[A-Za-z]{4}", log.read_bytes()):
            return


async def test_a_port_that_is_taken_and_a_full_folder_are_refused_by_the_plan(
    world: Path, bases: GivenBase, act: CloneMachine
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        wish = msgspec.structs.replace(act.wish, ports=(PortWish(80, port),))
        async with workshop(URI, world, bases) as shop:
            with pytest.raises(ProblemError) as caught:
                await shop.jobs.plan(msgspec.structs.replace(act, wish=wish), None)
    assert caught.value.problem.code is Code.PORT_TAKEN
    assert str(port) in caught.value.problem.what


async def test_a_disk_that_another_stands_on_is_not_deleted(
    world: Path, bases: GivenBase, act: CloneMachine
) -> None:
    async with workshop(URI, world, bases) as shop:
        uuid_ = await _made(shop, act)
        folder = MACHINES / act.wish.name
        layer = MACHINES.parent / f"{act.wish.name}-fork.qcow2"
        command = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-u"]
        _printed(*command, "-b", str(folder / "disk.qcow2"), str(layer), "64M")
        try:
            with pytest.raises(ProblemError) as caught:
                await shop.jobs.plan(DeleteMachine(f"{URI}/{uuid_}"), None)
        finally:
            layer.unlink()
    assert caught.value.problem.code is Code.IMAGE_IN_USE
    assert str(layer) in caught.value.problem.why
