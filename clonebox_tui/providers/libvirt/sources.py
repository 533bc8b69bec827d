"""Which files of the host a domain's definition names."""

import libvirt

from clonebox_tui.providers.libvirt.xml import Element, attribute, parse


def path_of(domain: libvirt.virDomain, disk: Element) -> str:
    """The file or device of a disk, that of a volume too; empty without medium, and for the network's."""
    named = attribute(disk, "source", "file") or attribute(disk, "source", "dev")
    pool = attribute(disk, "source", "pool")
    return named if named or not pool else _volume(domain, pool, attribute(disk, "source", "volume"))


def needs_of(domain: libvirt.virDomain, tree: Element) -> tuple[str, ...]:
    """Files besides its present disks: what it boots from, what the definition says its disks stand on, the
    copies that are being made of them, and the disks it has after its next start."""
    trees = [tree]
    if domain.isActive() and domain.isPersistent():
        trees.append(parse(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)))
    present = {path_of(domain, disk) for disk in tree.iterfind("devices/disk")}
    found = [text for each in trees for text in _named(domain, each) if text not in present]
    return tuple(dict.fromkeys(found))


def _named(domain: libvirt.virDomain, tree: Element) -> list[str]:
    boot = [tree.findtext(f"os/{name}", "") for name in ("kernel", "initrd", "dtb")]
    disks = tree.findall("devices/disk")
    below = [each.get("file", "") for disk in disks for each in disk.iterfind(".//source")]
    return [text for text in (*boot, *(path_of(domain, disk) for disk in disks), *below) if text]


def _volume(domain: libvirt.virDomain, pool_name: str, name: str) -> str:
    try:
        pool = domain.connect().storagePoolLookupByName(pool_name)
        if pool.isActive():
            return str(pool.storageVolLookupByName(name).path())
        folder = parse(pool.XMLDesc()).findtext("target/path", "")
    except libvirt.libvirtError:
        return ""  # the disk names a pool or a volume that is no more
    return f"{folder}/{name}" if folder else ""
