"""Snapshots of a domain: listed as a tree, taken, restored, deleted; libvirt 9's limits said in words.

Only internal snapshots (inside the qcow2) are taken: libvirt 9 refuses to go back to external ones.
libvirt keeps no metadata of snapshots, so a safety snapshot is known by its name's prefix and a marker
line at the end of its description, both.
"""

from collections.abc import Sequence

import libvirt

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.snapshot import SAFETY_PREFIX, Snapshot, Storage, why_not_name
from clonebox_tui.providers.libvirt import labels
from clonebox_tui.providers.libvirt.disks import DomainDisks
from clonebox_tui.providers.libvirt.sizes import SnapshotSizes
from clonebox_tui.providers.libvirt.xml import Element, attribute, element, parse, to_text

_MARKER = "[taken by clonebox-tui before a restore]"


class DomainSnapshots(DomainDisks):
    """The part of the provider that is about snapshots."""

    _uri: str
    _sizes: SnapshotSizes

    async def snapshots(self, uuid: str) -> Sequence[Snapshot]:
        """All snapshots of a machine."""

        def read(domain: libvirt.virDomain) -> list[Snapshot]:
            found = read_all(domain)
            local = self._uri.startswith("qemu:///")
            return self._sizes.fill(uuid, parse(domain.XMLDesc()), found) if local and found else found

        return await self._look(uuid, "list the snapshots of", read)

    async def create_snapshot(
        self, uuid: str, name: str, description: str, memory: bool, safety: bool
    ) -> None:
        """Take a snapshot."""
        verb = "take a snapshot of"
        await self._act(uuid, verb, lambda domain: create(domain, name, description, memory, safety))

    async def restore_snapshot(self, uuid: str, name: str) -> None:
        """Go back to a snapshot."""

        def go_back(domain: libvirt.virDomain) -> None:
            before = labels.read(parse(domain.XMLDesc()))
            restore(domain, name)
            labels.keep_over(domain, before)

        await self._act(uuid, f"restore {name!r} of", go_back)

    async def delete_snapshot(self, uuid: str, name: str, children: bool) -> None:
        """Delete a snapshot; its children are kept unless `children`."""
        await self._act(uuid, f"delete {name!r} of", lambda domain: delete(domain, name, children))


def read_all(domain: libvirt.virDomain) -> list[Snapshot]:
    """All snapshots; the tree is in their `parent`."""
    current = domain.snapshotCurrent().getName() if domain.hasCurrentSnapshot() else ""
    found: list[Snapshot] = []
    for each in domain.listAllSnapshots():
        try:
            found.append(_read(parse(each.getXMLDesc()), current))
        except libvirt.libvirtError as error:
            # Deleted since it was listed.
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT:
                raise
    return found


def _read(tree: Element, current: str) -> Snapshot:
    name, description = tree.findtext("name", ""), tree.findtext("description", "")
    memory = attribute(tree, "memory", "snapshot")
    disks = {disk.get("snapshot", "") for disk in tree.findall("disks/disk")}
    marked = description.rstrip().endswith(_MARKER)
    return Snapshot(
        name=name,
        created_at=float(tree.findtext("creationTime", "0")),
        parent=tree.findtext("parent/name", ""),
        description=description.rstrip().removesuffix(_MARKER).rstrip("\n") if marked else description,
        current=name == current,
        memory=memory in ("internal", "external"),
        storage=Storage.EXTERNAL if "external" in disks | {memory} else Storage.INTERNAL,
        safety=marked and name.startswith(SAFETY_PREFIX),
    )


def document(name: str, description: str, safety: bool) -> str:
    """What libvirt is given: text goes through the XML builder, never into a string."""
    if safety:
        description = f"{description}\n{_MARKER}" if description else _MARKER
    return to_text(
        element(
            "domainsnapshot",
            element("name", text=name),
            element("description", text=description) if description else None,
        )
    )


def create(domain: libvirt.virDomain, name: str, description: str, memory: bool, safety: bool) -> None:
    """Take one: disk and memory of a running machine, the disk of one that is off."""
    _check_name(name)
    if domain.isActive() and not memory:
        raise problem(
            Code.NOT_SUPPORTED,
            f"{domain.name()} runs: a snapshot of its disk alone cannot be taken.",
            why="libvirt 9 can only put it into a file beside the disk, and cannot go back to that",
            next="Take it with memory, or stop the machine first.",
        )
    if name in domain.snapshotListNames():
        raise problem(
            Code.NAME_TAKEN,
            f"{domain.name()} has a snapshot {name!r} already.",
            next="Choose another name, or delete that one first.",
        )
    domain.snapshotCreateXML(document(name, description, safety), 0)


def restore(domain: libvirt.virDomain, name: str) -> None:
    """Go back; the machine runs afterwards if the snapshot has memory, and is off otherwise."""
    snapshot = domain.snapshotLookupByName(name)
    if _read(parse(snapshot.getXMLDesc()), "").storage is Storage.EXTERNAL:
        raise problem(
            Code.NOT_SUPPORTED,
            f"{domain.name()} cannot go back to {name!r}.",
            why="its data lies in files beside the disk, and libvirt 9 cannot revert to such a snapshot",
            next="Go back to an internal snapshot, or copy the disk out by qemu-img convert.",
        )
    domain.revertToSnapshot(snapshot, 0)


def delete(domain: libvirt.virDomain, name: str, children: bool) -> None:
    """Delete one; libvirt hangs its children below its parent unless they go too."""
    flags = libvirt.VIR_DOMAIN_SNAPSHOT_DELETE_CHILDREN if children else 0
    domain.snapshotLookupByName(name).delete(flags)


def _check_name(name: str) -> None:
    """libvirt keeps snapshots in files named after them."""
    reason = why_not_name(name)
    if reason:
        raise problem(
            Code.NAME_INVALID, f"A snapshot cannot be named {name!r}.", why=reason, next="Give another name."
        )
