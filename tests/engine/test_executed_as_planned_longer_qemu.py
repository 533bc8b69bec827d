"""On real libvirt: a clone, a bisection and copies out of and into a guest do what their plans say."""

import asyncio
import os
from pathlib import Path

import msgspec
import pytest

from clonebox_tui.guest.execution import run as run_in_guest
from clonebox_tui.model import acts
from clonebox_tui.model.acts import Act
from clonebox_tui.model.job import Job
from clonebox_tui.model.machine import AgentState, Machine
from clonebox_tui.model.plan import Plan
from tests.engine.clone_workshop import WISH
from tests.engine.micro_image import NAME, micro_image
from tests.engine.spying import Spy, programs, run_as_planned
from tests.engine.time_bench import URI, WAIT_SECONDS, TimeBench
from tests.guests.micro import MicroGuest

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]
_FIRST_BOOT = (
    'mkdir -p /run/cloud-init /etc/cloud && echo \'{"v1": {"errors": []}}\' >/run/cloud-init/result.json'
)


@pytest.fixture
def spy(bench: TimeBench, monkeypatch: pytest.MonkeyPatch) -> Spy:
    provider, _ = bench.fleet.provider_of(bench.machine)
    return Spy(provider, bench.machine, bench.name, monkeypatch)


async def _done(bench: TimeBench, act: Act, spy: Spy) -> tuple[Plan, Job]:
    """Planned, which changes nothing, and done; the spy then knows what was asked by the job alone."""
    spy.calls.clear()
    plan = await bench.engine.jobs.plan(act, None)
    assert spy.calls == []
    spy.guest.clear()
    return plan, await run_as_planned(bench.engine.jobs, act, plan)


async def _first_boot(bench: TimeBench, name: str) -> None:
    """What cloud-init leaves in a guest; the micro guest has none."""
    seen: list[str] = []

    def answers(machine: Machine) -> bool:
        return machine.name == name and machine.agent is AgentState.CONNECTED

    async with asyncio.timeout(WAIT_SECONDS):
        while not seen:
            seen = [each.id for each in bench.fleet.machines.values() if answers(each)]
            await asyncio.sleep(0.2)
    await run_in_guest(bench.engine.agent(seen[0]), ["sh", "-c", _FIRST_BOOT], timeout_seconds=WAIT_SECONDS)


async def test_a_clone(
    bench: TimeBench,
    spy: Spy,
    micro_guest: MicroGuest,
    micro_disk: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = micro_image(bench.folder / "store" / "images", micro_guest, micro_disk)
    project = tmp_path / "project"
    project.mkdir()
    name = f"{bench.name}-clone"
    wish = msgspec.structs.replace(WISH, name=name, base_image=NAME)
    act = acts.CloneMachine(URI, wish, str(project), "version: '1'\n")
    ran = programs(monkeypatch)
    booting = asyncio.create_task(_first_boot(bench, name))
    plan, job = await _done(bench, act, spy)
    await booting
    assert spy.told(spy.calls) == spy.planned(plan)
    calls = {step.name: step.call for step in plan.steps}
    # Programs that only read aside, one makes something: the disk.
    assert [line for line in ran if not line.startswith("qemu-img info ")] == [calls["disk"]]
    folder = bench.folder / "store" / "machines" / name
    assert calls["image"] == f"read {image / 'disk.qcow2'}"
    assert any(str(image / "disk.qcow2") in line for line in ran if line.startswith("qemu-img info "))
    assert calls["config"] == f"write {project / '.clonebox.yaml'}"
    assert (project / ".clonebox.yaml").read_text() == act.config_text
    assert calls["folder"] == f"mkdir {folder}"
    assert folder.is_dir()
    assert calls["boot"].split(", then ") == ["guest-ping", "/run/cloud-init/result.json"]
    assert {"guest-ping", "guest-file-open /run/cloud-init/result.json"} <= set(spy.guest)
    assert (job.result or {})["lacks"] == []


async def test_a_bisection(bench: TimeBench, spy: Spy, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        bench.domain.snapshotCreateXML(f"<domainsnapshot><name>s{number}</name></domainsnapshot>", 0)
    ran = programs(monkeypatch)
    plan, job = await _done(bench, acts.BisectMachine(bench.machine, "s0", ("true",), "s4"), spy)
    assert job.result is not None
    assert (job.result["first_bad"], job.result["boots"]) == ("s4", 2)  # none of the others is bad
    # What the plan says of one look, as often as there were looks.
    planned = plan.steps[0].call.removeprefix("each time: ").split("; ")
    assert planned[0] == "qemu-img convert (or create)"
    assert sum(line.startswith(("qemu-img convert ", "qemu-img create ")) for line in ran) == 2
    assert "in the guest: true" in planned
    assert spy.guest.count("guest-exec true") == 2
    assert spy.told(spy.calls) == spy.planned(plan) * 2
    assert len(spy.planned(plan)) == len(planned) - 2


async def test_copies_out_of_a_guest_and_into_it(bench: TimeBench, spy: Spy, tmp_path: Path) -> None:
    await bench.up()
    await bench.guest("mkdir /tmp/from && echo one >/tmp/from/a && echo two >/tmp/from/b")
    file, folder = str(tmp_path / "file"), str(tmp_path / "folder")
    for act, call in (
        (acts.CopyFromGuest(bench.machine, "/tmp/from/a", file), "guest-file-read"),
        (acts.CopyFromGuest(bench.machine, "/tmp/from", folder), "guest-exec tar -cf -"),
        (acts.CopyToGuest(bench.machine, file, "/tmp/file"), "guest-file-write"),
        (acts.CopyToGuest(bench.machine, folder, "/tmp/folder"), "guest-exec tar -xpf -"),
    ):
        plan, _ = await _done(bench, act, spy)
        assert plan.steps[0].call == call
        command, *words = call.split()
        asked = [said.split() for said in spy.guest]
        assert any(said[0] == command and set(words) <= set(said) for said in asked), act
        assert any("tar" in said for said in asked) == ("tar" in words), act
        assert spy.told(spy.calls) == spy.planned(plan) == []
    assert (tmp_path / "folder" / "b").read_text() == "two\n"
    assert await bench.guest("cat /tmp/folder/b /tmp/file") == "two\none\n"
