"""A domain taken out of libvirt and brought back as it was, its snapshots' metadata with it.

libvirt forgets all it knows of a domain when it is undefined; what is in the disk (the states of internal
snapshots) stays there, and is found again when the same metadata is written anew.
"""

from collections.abc import Sequence

import libvirt
from msgspec.structs import replace

from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.trash import Definition
from clonebox_tui.providers.libvirt import machines, metadata
from clonebox_tui.providers.libvirt.connection import LibvirtLink
from clonebox_tui.providers.libvirt.disks import DomainDisks
from clonebox_tui.providers.libvirt.errors import translate
from clonebox_tui.providers.libvirt.lifecycle import set_aside
from clonebox_tui.providers.libvirt.threads import Lane, to_its_end
from clonebox_tui.providers.libvirt.watch import Watch
from clonebox_tui.providers.libvirt.xml import Element, parse, to_text

_Snapshot = libvirt.virDomainSnapshot
_INACTIVE = libvirt.VIR_DOMAIN_XML_INACTIVE
_NO_DOMAIN = libvirt.VIR_ERR_NO_DOMAIN


class DomainKeeping(DomainDisks):
    """The part of the provider that keeps machines for a trash."""

    _uri: str
    _link: LibvirtLink
    _acts: Lane

    @property
    def _watching(self) -> Watch:
        raise NotImplementedError

    async def definition(self, uuid: str) -> Definition:
        """All that `put_back` needs."""
        return await self._look(uuid, "read", read)

    async def set_aside(self, uuid: str) -> None:
        """Undefine a machine that is off; what the host keeps for it (NVRAM, TPM) stays."""
        await self._act(uuid, "set aside", set_aside)

    async def put_back(self, kept: Definition, name: str, moved: tuple[str, str] = ("", "")) -> Machine:
        """Define it again; what is there already of an earlier try is left as it is."""

        def define(connection: libvirt.virConnect) -> Machine:
            try:
                return machines.read_one(write(connection, kept, name, moved), self._uri)
            except libvirt.libvirtError as error:
                raise translate(error, f"Could not bring {name} back") from None

        machine = await to_its_end(self._link.call(self._acts, f"Could not bring {name} back", define))
        await self._watching.look(machine.uuid)
        return machine


def read(domain: libvirt.virDomain) -> Definition:
    """The definition for later starts, with secrets, since the machine shall come back whole."""
    secure = libvirt.VIR_DOMAIN_XML_SECURE
    inactive = _INACTIVE if domain.isPersistent() else 0
    try:
        text = domain.XMLDesc(secure | inactive)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in (libvirt.VIR_ERR_OPERATION_DENIED, libvirt.VIR_ERR_INVALID_ARG):
            raise
        text = domain.XMLDesc(inactive)
    current = domain.snapshotCurrent().getName() if domain.hasCurrentSnapshot() else ""
    snapshots = tuple(_document(each) for each in _parents_first(domain.listAllSnapshots()))
    persistent = bool(domain.isPersistent())
    nvram = parse(text).findtext("os/nvram") or ""
    return Definition(text, snapshots, current, persistent and bool(domain.autostart()), nvram)


def write(
    connection: libvirt.virConnect, kept: Definition, name: str, moved: tuple[str, str]
) -> libvirt.virDomain:
    """Define what `read` has read, under `name`, its paths below `moved[0]` now below `moved[1]`."""
    tree = parse(kept.machine)
    uuid = tree.findtext("uuid", "")
    try:
        domain = connection.lookupByUUIDString(uuid)
    except libvirt.libvirtError as error:
        if error.get_error_code() != _NO_DOMAIN:
            raise
        machines.refuse_taken(connection, name)
        domain = connection.defineXML(_renamed(kept.machine, name, moved))
    if domain.name() != name:
        raise problem(
            Code.NAME_TAKEN,
            f"The machine is defined already, as {domain.name()}.",
            next="Look at it: somebody else brought it back.",
        )
    there = set(domain.snapshotListNames())
    for text in kept.snapshots:
        snapshot = parse(text).findtext("name", "")
        if snapshot not in there:
            current = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_CURRENT if snapshot == kept.current else 0
            flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE | current
            domain.snapshotCreateXML(_renamed(text, name, moved), flags)
    if kept.autostart:
        domain.setAutostart(1)
    return domain


def _renamed(text: str, name: str, moved: tuple[str, str]) -> str:
    """A domain, or a snapshot of one, under another name; word for word where the name is the same."""
    tree = parse(text)
    inside = [tree] if tree.tag == "domain" else [*tree.findall("domain"), *tree.findall("inactiveDomain")]
    for each in inside:
        if each.findtext("name") != name:
            _rename(each, name)
            text = to_text(tree)
    before, now = moved
    # Whole paths of a folder of ours, wherever they stand: disks, logs, kernels, our own metadata.
    return text.replace(f"{before}/", f"{now}/") if before and before != now else text


def _rename(tree: Element, name: str) -> None:
    found = tree.find("name")
    if found is not None:
        found.text = name
    spec = metadata.read(tree)
    if spec is not None:
        metadata.rewrite(tree, replace(spec, name=name))


def _document(snapshot: _Snapshot) -> str:
    try:
        return snapshot.getXMLDesc(libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in (libvirt.VIR_ERR_OPERATION_DENIED, libvirt.VIR_ERR_INVALID_ARG):
            raise
        return snapshot.getXMLDesc()


def _parents_first(snapshots: Sequence[_Snapshot]) -> list[_Snapshot]:
    parents = {each.getName(): parse(each.getXMLDesc()).findtext("parent/name", "") for each in snapshots}
    by_name = {each.getName(): each for each in snapshots}
    ordered: dict[str, _Snapshot] = {}
    while len(ordered) < len(parents):
        ready = [
            each
            for each, parent in parents.items()
            if each not in ordered and (parent in ordered or parent not in parents)
        ]
        ordered.update((each, by_name[each]) for each in ready)
    return list(ordered.values())
