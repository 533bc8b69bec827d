"""Forks of a real machine, from snapshots and from now: each is somebody else, the origin as it was."""

import asyncio
import os
from pathlib import Path

import libvirt
import pytest

from clonebox_tui.engine.disk_image import chain_of
from clonebox_tui.engine.fork.origin import LEAST_BYTES
from clonebox_tui.model.acts import CreateSnapshot, ForkMachine, LabelMachine
from clonebox_tui.model.labels import Labels
from clonebox_tui.model.machine import State, split_id
from clonebox_tui.model.problem import Code, ProblemError
from clonebox_tui.providers.libvirt.xml import MACHINE_NAMESPACE
from tests.engine.time_bench import URI, TimeBench

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.skipif(os.geteuid() != 0, reason="the system daemon's disks are root's"),
]


def _text(path: str) -> str:
    return Path(path).read_text()


async def test_two_forks_of_a_snapshot_are_somebody_else(bench: TimeBench) -> None:
    labels = Labels(("kept", "web"), "shop", "a note")
    await bench.done(LabelMachine(bench.machine, labels, Labels()))
    bench.write("write /etc/hostname then\n")
    await bench.done(CreateSnapshot(bench.machine, "first"))
    bench.write("rm then\nwrite /etc/hostname now\n")
    before = bench.hash()
    names = (f"{bench.name}-a", f"{bench.name}-b")
    plan = await bench.engine.jobs.plan(ForkMachine(bench.machine, names, "first", start=True), None)
    assert plan.bytes_needed > 0
    assert "convert" in plan.steps[1].equivalent
    result = await bench.done(ForkMachine(bench.machine, names, "first", start=True))
    assert result["lacks"] == []
    forks = result["machines"]
    assert isinstance(forks, list)
    for fork, name in zip(forks, names, strict=True):
        await bench.until("ls /mnt/vda", "then", fork)
        assert "now" not in (await bench.guest("ls /mnt/vda", fork)).split()
        assert (await bench.guest("hostname", fork)).strip() == name
        assert bench.fleet.machine(fork).labels == labels
    details = [await bench.fleet.provider_of(each)[0].details(split_id(each)[1]) for each in forks]
    assert len({each.forwards[0].host_port for each in details} | {bench.spec.forwards[0].host_port}) == 3
    assert len({_text(each.key_path) for each in details}) == 2
    assert len({each.networks for each in details}) == 2
    assert bench.hash() == before
    assert bench.fleet.machine(bench.machine).state is State.OFF
    # A fork shares what the origin's disk stands on, and holds no more than the origin's own layer.
    links = [link for link, _ in await chain_of(details[0].disks[0].path)]
    assert links[1:] == [str(bench.folder / "base.qcow2")]


async def test_a_snapshot_of_a_machine_that_writes_on(bench: TimeBench) -> None:
    """Internal snapshots are read from a disk in use: what they hold never changes meanwhile."""
    await bench.up()
    await bench.guest("dd if=/dev/urandom of=/mnt/vda/blob bs=1M count=8; sync")
    sums = await bench.guest("md5sum < /mnt/vda/blob")
    await bench.done(CreateSnapshot(bench.machine, "first"))
    await bench.guest(
        "(while :; do dd if=/dev/urandom of=/mnt/vda/blob bs=1M count=8 conv=notrunc; sync; done) "
        ">/dev/null 2>&1 &"
    )
    result = await bench.done(ForkMachine(bench.machine, (f"{bench.name}-a",), "first"))
    fork = str(result["machines"][0])  # type: ignore[index]
    assert bench.fleet.machine(fork).state is State.OFF
    assert bench.fleet.machine(bench.machine).state is State.RUNNING
    await bench.fleet.provider(URI).kill(bench.spec.uuid)
    await bench.up(fork)
    assert await bench.guest("md5sum < /mnt/vda/blob", fork) == sums


async def test_now_of_a_running_machine(bench: TimeBench) -> None:
    await bench.up()
    await bench.guest("echo kept > /mnt/vda/file")
    before = bench.domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)
    names = (f"{bench.name}-a", f"{bench.name}-b")
    result = await bench.done(ForkMachine(bench.machine, names, start=True))
    for fork in result["machines"]:  # type: ignore[attr-defined]
        await bench.until("cat /mnt/vda/file", "kept", fork)
    assert bench.domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE) == before
    await bench.guest("echo more >> /mnt/vda/file")


async def test_an_external_snapshot_is_forked_by_a_layer(bench: TimeBench) -> None:
    bench.write("write /etc/hostname then\n")
    xml = (
        "<domainsnapshot><name>outside</name><disks>"
        f"<disk name='vda' snapshot='external'><source file='{bench.disk}.outside'/></disk>"
        "</disks></domainsnapshot>"
    )
    bench.domain.snapshotCreateXML(xml, libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)
    before = bench.hash()
    plan = await bench.engine.jobs.plan(ForkMachine(bench.machine, (f"{bench.name}-a",), "outside"), None)
    assert plan.bytes_needed == LEAST_BYTES
    assert "qemu-img create" in plan.steps[1].equivalent
    result = await bench.done(ForkMachine(bench.machine, (f"{bench.name}-a",), "outside"))
    await bench.up(str(result["machines"][0]))  # type: ignore[index]
    assert "then" in await bench.guest("ls /mnt/vda", str(result["machines"][0]))  # type: ignore[index]
    assert bench.hash() == before


async def test_what_cannot_be_forked_is_said(bench: TimeBench) -> None:
    for act, code in (
        (ForkMachine(bench.machine, (bench.name,)), Code.NAME_TAKEN),
        (ForkMachine(bench.machine, ("a/b",)), Code.NAME_INVALID),
        (ForkMachine(bench.machine, ("a", "a")), Code.NAME_INVALID),
        (ForkMachine(bench.machine, (f"{bench.name}-a",), "none"), Code.SNAPSHOT_NOT_FOUND),
    ):
        with pytest.raises(ProblemError) as caught:
            await bench.engine.jobs.plan(act, None)
        assert caught.value.problem.code is code
    second = bench.folder / "second.qcow2"
    second.write_bytes(bench.disk.read_bytes())
    added = (
        f"<disk type='file'><driver name='qemu' type='qcow2'/><source file='{second}'/>"
        "<target dev='vdb' bus='virtio'/></disk>"
    )
    bench.domain.attachDeviceFlags(added, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    with pytest.raises(ProblemError, match="cannot be looked into or forked") as caught:
        await bench.engine.jobs.plan(ForkMachine(bench.machine, (f"{bench.name}-a",)), None)
    assert "2 disks" in caught.value.problem.why
    bench.domain.detachDeviceFlags(added, libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    bench.domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, None, None, MACHINE_NAMESPACE, 0)
    with pytest.raises(ProblemError, match="cannot be forked") as caught:
        await bench.engine.jobs.plan(ForkMachine(bench.machine, (f"{bench.name}-a",)), None)
    assert "not made here" in caught.value.problem.why


async def test_a_fork_that_is_cancelled_leaves_nothing(bench: TimeBench) -> None:
    name = f"{bench.name}-a"
    act = ForkMachine(bench.machine, (name,))
    job = await bench.engine.jobs.run(act, (await bench.engine.jobs.plan(act, None)).fingerprint)
    async with asyncio.timeout(120):
        while name not in [each.name() for each in bench.connection.listAllDomains()]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await bench.engine.jobs.cancel(job.id)
    ended = await bench.engine.jobs.wait(job.id)
    assert ended.state.value == "cancelled"
    assert [each.name() for each in bench.connection.listAllDomains() if each.name() == name] == []
    assert not (bench.folder / "store" / "machines" / name).exists()
