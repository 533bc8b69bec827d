"""A real environment, whole: a folder becomes a Debian machine that is ready, survives a reboot, and goes."""

import asyncio
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import libvirt
import msgspec
import pytest

from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.images import metadata
from clonebox_tui.engine.log_sources.opening import Beside
from clonebox_tui.engine.logs import Logs
from clonebox_tui.guest import Agent, run
from clonebox_tui.model.acts import CloneMachine, DeleteMachine
from clonebox_tui.model.environment import GIBIBYTE, PortWish, ShareWish
from clonebox_tui.model.job import JobState
from clonebox_tui.model.machine import AgentState, Machine
from clonebox_tui.model.spec import Boot
from clonebox_tui.model.ssh import ssh_command
from tests.engine.clone_workshop import WISH, GivenBase, Workshop, workshop
from tests.guests import domain as domains

pytestmark = [pytest.mark.qemu, pytest.mark.full, pytest.mark.timeout(2400)]

URI = "qemu:///system"
MACHINES = Path("/var/lib/libvirt/images/clonebox/machines")
SPACE, LONG, READ_ONLY = "mit leer ü", "l" * 60, "nur lesen"
PACKAGES = ("tree", "nginx-light")


@pytest.fixture
def name(system_libvirt: libvirt.virConnect) -> Iterator[str]:
    """A name of its own for the machine; whatever a broken test leaves is removed."""
    chosen = f"cbx-full-{uuid.uuid4().hex[:8]}"
    yield chosen
    domains.remove(system_libvirt, chosen)
    subprocess.run(["rm", "-rf", str(MACHINES / chosen)], check=True)


@pytest.fixture
def act(name: str, world: Path) -> CloneMachine:
    """Two packages, a service with its port, three shares with awkward names, a command."""
    shares = []
    for folder in (SPACE, LONG, READ_ONLY):
        (world / "home" / folder).mkdir()
        (world / "home" / folder / "marker").write_text(folder)
        (world / "home" / folder).chmod(0o777)
        shares.append(ShareWish(str(world / "home" / folder), f"/home/dev/{folder}", folder == READ_ONLY))
    wish = msgspec.structs.replace(
        WISH,
        name=name,
        memory_bytes=GIBIBYTE,
        disk_bytes=6 * GIBIBYTE,
        vcpus=2,
        shares=tuple(shares),
        packages=PACKAGES,
        services=("nginx",),
        ports=(PortWish(80, service="nginx"),),
        post_commands=("printf '%s' \"it's $((6*7)) ü\" >/root/answer",),
    )
    return CloneMachine(URI, wish, str(world / "home"), "version: '1'\n")


def _base(folder: Path) -> GivenBase:
    found = metadata.read(folder)
    assert found is not None
    direct = metadata.kernel_boot(found, folder)
    assert direct is not None
    boot = Boot(str(direct.kernel), str(direct.initrd), direct.command_line)
    return GivenBase(Base(found.name, str(folder / metadata.DISK), boot=boot))


async def test_a_folder_becomes_a_machine_that_lasts_and_goes_without_a_trace(
    system_libvirt: libvirt.virConnect, base_image: Path, world: Path, act: CloneMachine
) -> None:
    async with workshop(URI, world, _base(base_image)) as shop:
        began = time.monotonic()
        job = await shop.run(act)
        assert (job.state, job.problem) == (JobState.SUCCEEDED, None)
        assert job.result is not None
        print(f"clone to ready: {time.monotonic() - began:.0f} s")
        assert (job.result["lacks"], job.result["warnings"]) == ([], [])
        machine = str(job.result["machine"])
        agent = Agent(*shop.fleet.provider_of(machine))
        host = Path(act.directory)
        await _shares_work(agent, host)
        assert (await run(agent, ["cat", "/root/answer"])).text == "it's 42 ü"
        assert (host / ".clonebox.yaml").is_file()
        assert not (MACHINES / act.wish.name / "seed.iso").exists()
        assert "cdrom" not in system_libvirt.lookupByName(act.wish.name).XMLDesc(
            libvirt.VIR_DOMAIN_XML_INACTIVE
        )
        before = await _identity(agent)
        await _logs_are_told(shop, machine, agent)

        await _reboot(shop, machine)
        assert await _identity(agent) == before
        await _shares_work(agent, host)
        await _comes_in_by_ssh(shop, machine)

        gone = await shop.run(DeleteMachine(machine))
        assert (gone.state, gone.problem) == (JobState.SUCCEEDED, None)
    assert not (MACHINES / act.wish.name).exists()
    assert act.wish.name not in [one.name() for one in system_libvirt.listAllDomains()]
    assert (host / SPACE / "marker").read_text() == SPACE


async def _shares_work(agent: Agent, host: Path) -> None:
    for folder in (SPACE, LONG, READ_ONLY):
        seen = await run(agent, ["cat", f"/home/dev/{folder}/marker"])
        assert seen.text == folder, seen.complaint
    for folder in (SPACE, LONG):
        written = await run(agent, ["touch", f"/home/dev/{folder}/from-guest"])
        assert written.exit_code == 0
        assert (host / folder / "from-guest").exists()
        (host / folder / "from-guest").unlink()
    refused = await run(agent, ["touch", f"/home/dev/{READ_ONLY}/from-guest"])
    assert "Read-only file system" in refused.complaint


async def _identity(agent: Agent) -> tuple[str, ...]:
    script = "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub; hostname; systemctl is-active nginx"
    answer = await run(agent, ["sh", "-c", script])
    assert "active" in answer.text.splitlines()
    return tuple(answer.text.splitlines())


async def _logs_are_told(shop: Workshop, machine: str, agent: Agent) -> None:
    """What only a whole system has: cloud-init's log, and a journal, in which our own looks are not seen."""
    logs = Logs(shop.fleet, beside=Beside(lambda _: agent, shop.jobs, Path("/nonexistent")))
    ends = {}
    for source in ("cloud-init", "journal"):
        batches = logs.follow(machine, source, 300, follow=False)
        ends[source] = [line.text async for batch in batches for line in batch]
    assert any("finished at" in line for line in ends["cloud-init"][-5:])
    assert any("nginx" in line for line in ends["journal"])
    heard: list[str] = []

    async def follow() -> None:
        async for batch in logs.follow(machine, ("journal", "file:/root/notes"), lines=5):
            heard.extend(line.text for line in batch)

    assert (await run(agent, ["sh", "-c", "echo begun >/root/notes"])).exit_code == 0
    following = asyncio.create_task(follow())
    script = (
        'for i in 1 2 3; do logger "told $i"; echo "noted $i" >>/root/notes; done; logger -p user.err over'
    )
    async with asyncio.timeout(180):
        while "begun" not in heard:  # noqa: ASYNC110 a list tells nobody
            await asyncio.sleep(0.2)
        assert (await run(agent, ["sh", "-c", script])).exit_code == 0
        while not ("noted 3" in heard and any(line.endswith(" err: over") for line in heard)):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    for number in "123":
        assert heard.count(f"noted {number}") == 1
        assert len([line for line in heard if line.endswith(f": told {number}")]) == 1, heard
    assert not [line for line in (*heard, *ends["journal"]) if "info: guest-" in line]


async def _reboot(shop: Workshop, machine: str) -> None:
    provider, uuid_ = shop.fleet.provider_of(machine)
    await provider.ask_to_reboot(uuid_, "agent")
    assert await shop.fleet.wait_until(machine, lambda one: not _connected(one), 300)
    assert await shop.fleet.wait_until(machine, _connected, 600)
    agent = Agent(provider, uuid_)
    waited = await run(agent, ["systemctl", "is-system-running", "--wait"], timeout_seconds=600)
    assert waited.text.strip() == "running"


def _connected(machine: Machine | None) -> bool:
    return machine is not None and machine.agent is AgentState.CONNECTED


async def _comes_in_by_ssh(shop: Workshop, machine: str) -> None:
    provider, uuid_ = shop.fleet.provider_of(machine)
    command = [*ssh_command(await provider.details(uuid_)), "sudo", "id", "-un"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120)  # noqa: ASYNC221
    assert answer.stdout.strip() == "root", answer.stderr
