"""The spec a machine carries in its own definition: what makes it ours, and what it was made from."""

import libvirt
import msgspec

from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.libvirt.xml import MACHINE_NAMESPACE, Element, element, to_text

_TAG = f"{{{MACHINE_NAMESPACE}}}machine"


def write(spec: MachineSpec) -> Element:
    """`<metadata>` with the spec as JSON text. It names files of keys, never a secret itself."""
    return element("metadata", element(_TAG, text=_json(spec)))


def replace(domain: libvirt.virDomain, spec: MachineSpec) -> None:
    """Write another spec into the definition, and into the running machine."""
    live = libvirt.VIR_DOMAIN_AFFECT_LIVE if domain.isActive() else 0
    config = libvirt.VIR_DOMAIN_AFFECT_CONFIG if domain.isPersistent() else 0
    # Without a namespace: libvirt adds it, with the prefix it is told.
    text = to_text(element("machine", text=_json(spec)))
    kind = libvirt.VIR_DOMAIN_METADATA_ELEMENT
    domain.setMetadata(kind, text, "clonebox", MACHINE_NAMESPACE, live | config)


def rewrite(domain: Element, spec: MachineSpec) -> None:
    """Write another spec into a definition that carries one."""
    found = domain.find(f"metadata/{_TAG}")
    if found is not None:
        found.text = _json(spec)


def is_ours(domain: Element) -> bool:
    """Whether the domain was made by this program (any version)."""
    return domain.find(f"metadata/{_TAG}") is not None


def read(domain: Element) -> MachineSpec | None:
    """The spec; None for a foreign machine, or one whose spec this version cannot read."""
    found = domain.find(f"metadata/{_TAG}")
    if found is None or not found.text:
        return None
    try:
        return msgspec.json.decode(found.text, type=MachineSpec)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def _json(spec: MachineSpec) -> str:
    return msgspec.json.encode(spec).decode()
