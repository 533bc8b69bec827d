"""Everything about one machine: its definition read, with its spec where we made it."""

import contextlib
from collections.abc import Mapping
from pathlib import Path

import libvirt
import msgspec

from clonebox_tui.model.machine import Disk, Machine, MachineDetails
from clonebox_tui.providers.libvirt import logs, metadata, shares
from clonebox_tui.providers.libvirt.sources import needs_of, path_of
from clonebox_tui.providers.libvirt.xml import Element, attribute, parse

_FROM_SPEC = ("forwards", "user", "image", "folder", "packages", "services", "ports", "key_path")
_Sizes = tuple[int | None, int | None]
"""Capacity and allocation in bytes."""


_REASONS: Mapping[tuple[int, ...], str] = {
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER): "user",
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR): "I/O error",
    (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_CRASHED): "crashed",
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_CRASHED): "crashed",
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_FAILED): "failed",
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_DESTROYED): "destroyed",
    (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_SHUTDOWN): "shutdown",
    (libvirt.VIR_DOMAIN_CRASHED, libvirt.VIR_DOMAIN_CRASHED_PANICKED): "panicked",
}
_ERRORS = {
    libvirt.VIR_DOMAIN_DISK_ERROR_NO_SPACE: "no space",
    libvirt.VIR_DOMAIN_DISK_ERROR_UNSPEC: "I/O error",
}


def read(domain: libvirt.virDomain, machine: Machine) -> MachineDetails:
    """The details; the definition comes without secrets, as libvirt gives it when not asked for them."""
    text = domain.XMLDesc()
    tree = parse(text)
    spec = metadata.read(tree)
    common = MachineDetails(
        machine=machine,
        addresses=_addresses(domain, tree),
        disks=_disks(domain, tree),
        shares=spec.shares if spec else shares.read(tree),
        networks=(*_networks(tree), *((f"user  {spec.mac}",) if spec and spec.network == "user" else ())),
        log_sources=logs.sources(tree, machine),
        accelerator={"kvm": "kvm", "qemu": "tcg"}.get(tree.get("type", ""), tree.get("type", "")),
        definition=text,
        state_reason=_reason(domain),
        disk_errors=_disk_errors(domain),
        needs=needs_of(domain, tree),
    )  # fmt: skip
    if spec is None:
        return common
    known_hosts = str(Path(spec.key_path).with_name("known_hosts")) if spec.key_path else ""
    from_spec = {name: getattr(spec, name) for name in _FROM_SPEC}
    return msgspec.structs.replace(common, known_hosts_path=known_hosts, **from_spec)


def _reason(domain: libvirt.virDomain) -> str:
    return _REASONS.get(tuple(domain.state()), "")


def _disk_errors(domain: libvirt.virDomain) -> tuple[str, ...]:
    if not domain.isActive():
        return ()
    try:
        found = domain.diskErrors()
    except libvirt.libvirtError:
        return ()  # a driver without disks of its own
    return tuple(f"{disk}: {_ERRORS.get(number, 'error')}" for disk, number in found.items())


def _disks(domain: libvirt.virDomain, tree: Element) -> tuple[Disk, ...]:
    live = _live_sizes(domain) if domain.isActive() else {}
    return tuple(_disk(domain, found, live) for found in tree.findall("devices/disk"))


def _disk(domain: libvirt.virDomain, found: Element, live: Mapping[str, _Sizes]) -> Disk:
    path = path_of(domain, found)
    target = attribute(found, "target", "dev")
    sizes = live.get(target, (None, None))
    if path and not domain.isActive():
        # A file may be gone, or of a kind the driver cannot measure.
        with contextlib.suppress(libvirt.libvirtError):
            capacity, allocation, _ = domain.blockInfo(target)
            sizes = (capacity, allocation)
    readonly = found.find("readonly") is not None
    return Disk(target, path, attribute(found, "driver", "type"), *sizes, readonly)


def _live_sizes(domain: libvirt.virDomain) -> dict[str, _Sizes]:
    """Capacity and allocation by target, without waiting for a machine that is busy with a snapshot."""
    flags = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT
    answers = domain.connect().domainListGetStats([domain], libvirt.VIR_DOMAIN_STATS_BLOCK, flags)
    stats = answers[0][1] if answers else {}
    return {
        stats[f"block.{at}.name"]: (stats.get(f"block.{at}.capacity"), stats.get(f"block.{at}.allocation"))
        for at in range(stats.get("block.count", 0))
        if f"block.{at}.name" in stats
    }


def _networks(tree: Element) -> tuple[str, ...]:
    return tuple(_network(found) for found in tree.findall("devices/interface"))


def _network(found: Element) -> str:
    source = found.find("source")
    where = "" if source is None else source.get("network") or source.get("bridge") or source.get("dev") or ""
    words = (found.get("type", ""), where, attribute(found, "mac", "address"))
    return "  ".join(word for word in words if word)


def _addresses(domain: libvirt.virDomain, tree: Element) -> tuple[str, ...]:
    """What libvirt's own DHCP leased; in user mode there is nothing the host could reach."""
    if not domain.isActive() or tree.find("devices/interface[@type='network']") is None:
        return ()
    try:
        found = domain.interfaceAddresses(libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE)
    except libvirt.libvirtError:
        return ()
    return tuple(each["addr"] for interface in found.values() for each in interface.get("addrs") or ())
