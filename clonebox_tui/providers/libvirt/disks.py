"""Disks as they were and as they are: where a snapshot's data lies, and a running machine's disk copied out.

A copy is QEMU's own backup job in push mode: it holds the disk as it was at one moment, while the guest
writes on, and nothing of the machine is changed by it.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

import libvirt

from clonebox_tui.model.machine import Disk
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.libvirt.xml import Element, attribute, element, parse, to_text

T = TypeVar("T")
_Work = Callable[[libvirt.virDomain], T]
_ABORT_SECONDS = 20.0
_POLL_SECONDS = 0.05


class DomainDisks(ABC):
    """The part of the provider that is about disks; the provider brings domains and threads."""

    @abstractmethod
    async def _act(self, uuid: str, verb: str, work: _Work[None]) -> None:
        """Change something, in the lane of what changes."""

    @abstractmethod
    async def _look(self, uuid: str, verb: str, work: _Work[T]) -> T:
        """Read something."""

    async def disks_at(self, uuid: str, snapshot: str) -> Sequence[Disk]:
        """The writable disks as they were named when the snapshot was taken."""
        return await self._look(uuid, f"read {snapshot!r} of", lambda domain: disks_at(domain, snapshot))

    async def begin_copy(self, uuid: str, target: str) -> None:
        """Begin to copy a running machine's disk out."""
        await self._act(uuid, "copy the disk of", lambda domain: begin_copy(domain, target))

    async def copied(self, uuid: str) -> tuple[int, int] | None:
        """How far the copy is; LIBVIRT_ERROR when it ended and is not whole."""
        return await self._look(uuid, "look at the copy of", _copied_well)

    async def abort_copy(self, uuid: str) -> None:
        """End the copy that runs, if there is one."""
        await self._act(uuid, "end the copy of", abort_copy)


def disks_at(domain: libvirt.virDomain, snapshot: str) -> tuple[Disk, ...]:
    """The writable disks the machine had when the snapshot was taken; none where libvirt kept no record."""
    tree = parse(domain.snapshotLookupByName(snapshot).getXMLDesc())
    left_out = {each.get("name") for each in tree.findall("disks/disk") if each.get("snapshot") == "no"}
    found = [each for each in tree.findall("domain/devices/disk") if _holds_data(each)]
    return tuple(_disk(each) for each in found if attribute(each, "target", "dev") not in left_out)


def begin_copy(domain: libvirt.virDomain, target: str) -> None:
    """Begin to write the first disk into the new qcow2 file `target`; the moment is fixed on return."""
    if not domain.isActive():
        raise problem(
            Code.WRONG_STATE,
            f"{domain.name()} is off.",
            why="Only a running machine's disk is copied by QEMU",
            next="Start it first.",
        )
    disks = [_disk(each) for each in parse(domain.XMLDesc()).findall("devices/disk") if _holds_data(each)]
    if not disks:
        raise problem(
            Code.NOT_SUPPORTED,
            f"{domain.name()} has no disk in a file.",
            next="Choose a machine whose disk is a file of this host.",
        )
    entries = [_entry(each.target, target if each is disks[0] else "") for each in disks]
    domain.backupBegin(to_text(element("domainbackup", element("disks", *entries), mode="push")), None)


def progress(domain: libvirt.virDomain) -> tuple[int, int] | None:
    """Bytes written and bytes in all while a copy runs; None once there is none."""
    try:
        stats = domain.jobStats()
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_OPERATION_INVALID:
            return None  # the machine went off, and its copy with it
        raise
    if stats.get("type", libvirt.VIR_DOMAIN_JOB_NONE) == libvirt.VIR_DOMAIN_JOB_NONE:
        return None
    return stats.get("disk_processed", 0), stats.get("disk_total", 0)


def abort_copy(domain: libvirt.virDomain) -> None:
    """End a copy that runs; without one nothing happens."""
    if not domain.isActive() or progress(domain) is None:
        return
    domain.abortJob()
    end = time.monotonic() + _ABORT_SECONDS
    while progress(domain) is not None and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)


def _copied_well(domain: libvirt.virDomain) -> tuple[int, int] | None:
    far = progress(domain)
    if far is not None:
        return far
    completed = libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED | libvirt.VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED
    stats = domain.jobStats(completed)
    if stats.get("type") != libvirt.VIR_DOMAIN_JOB_COMPLETED:
        raise problem(
            Code.LIBVIRT_ERROR,
            f"The disk of {domain.name()} could not be copied.",
            why=str(stats.get("errmsg") or "QEMU ended the copy before it was whole"),
            next="See that the host has room, then try again.",
        )
    return None


def _holds_data(disk: Element) -> bool:
    """A writable disk in a file: no medium, no block device."""
    return (
        disk.get("device", "disk") == "disk"
        and disk.find("readonly") is None
        and bool(attribute(disk, "source", "file"))
    )


def _disk(found: Element) -> Disk:
    return Disk(
        attribute(found, "target", "dev"),
        attribute(found, "source", "file"),
        attribute(found, "driver", "type"),
    )


def _entry(name: str, target: str) -> Element:
    if not target:
        return element("disk", name=name, backup="no")
    return element(
        "disk",
        element("target", file=target),
        element("driver", type="qcow2"),
        name=name,
        type="file",
        backup="yes",
    )
