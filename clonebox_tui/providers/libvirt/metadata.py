"""The spec a machine carries in its own definition: what makes it ours, and what it was made from."""

import msgspec

from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.libvirt.xml import MACHINE_NAMESPACE, Element, element

_TAG = f"{{{MACHINE_NAMESPACE}}}machine"


def write(spec: MachineSpec) -> Element:
    """`<metadata>` with the spec as JSON text. It names files of keys, never a secret itself."""
    return element("metadata", element(_TAG, text=msgspec.json.encode(spec).decode()))


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
