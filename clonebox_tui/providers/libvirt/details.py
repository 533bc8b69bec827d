"""Everything about one machine: its definition read, with its spec where we made it."""

import contextlib
from pathlib import Path

import libvirt

from clonebox_tui.model.machine import Disk, Machine, MachineDetails
from clonebox_tui.providers.libvirt import logs, metadata, shares
from clonebox_tui.providers.libvirt.xml import Element, attribute, parse


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
    )  # fmt: skip
    if spec is None:
        return common
    return MachineDetails(
        **{
            name: getattr(common, name)
            for name in common.__struct_fields__
            if name not in (*_FROM_SPEC, "known_hosts_path")
        },
        **{name: getattr(spec, name) for name in _FROM_SPEC},
        known_hosts_path=str(Path(spec.key_path).with_name("known_hosts")) if spec.key_path else "",
    )


_FROM_SPEC = ("forwards", "user", "image", "folder", "packages", "services", "ports", "key_path")


def _disks(domain: libvirt.virDomain, tree: Element) -> tuple[Disk, ...]:
    return tuple(_disk(domain, found) for found in tree.findall("devices/disk"))


def _disk(domain: libvirt.virDomain, found: Element) -> Disk:
    path = attribute(found, "source", "file") or attribute(found, "source", "dev")
    target = attribute(found, "target", "dev")
    capacity = allocation = None
    if path:
        # A file may be gone, or of a kind the driver cannot measure.
        with contextlib.suppress(libvirt.libvirtError):
            capacity, allocation, _ = domain.blockInfo(target)
    readonly = found.find("readonly") is not None
    return Disk(target, path, attribute(found, "driver", "type"), capacity, allocation, readonly)


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
