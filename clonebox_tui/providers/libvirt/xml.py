"""Small ways to build and read libvirt's XML as a tree: text is never pasted together."""

import re
from xml.etree import ElementTree

Element = ElementTree.Element
QEMU_NAMESPACE = "http://libvirt.org/schemas/domain/qemu/1.0"
MACHINE_NAMESPACE = "urn:clonebox-tui:machine:1"
"""Ours: the element in a domain's metadata that makes a machine one of ours."""
LABELS_NAMESPACE = "urn:clonebox-tui:labels:1"
"""Ours too, on any machine: tags, group and note. Apart, so that a label makes no machine one of ours."""

ElementTree.register_namespace("qemu", QEMU_NAMESPACE)
ElementTree.register_namespace("clonebox", MACHINE_NAMESPACE)
ElementTree.register_namespace("clonebox-labels", LABELS_NAMESPACE)

# The Char production of XML 1.0; libvirt refuses a document with anything else in it.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *children: Element | None, text: str = "", **attributes: str) -> Element:
    """An element; children that are None are left out, a trailing `_` of an attribute's name too."""
    made = Element(tag, {name.rstrip("_"): value for name, value in attributes.items()})
    made.text = printable(text) if text else None
    made.extend(child for child in children if child is not None)
    return made


def to_text(tree: Element) -> str:
    """The document."""
    return ElementTree.tostring(tree, encoding="unicode")


def parse(text: str) -> Element:
    """The tree of what libvirt said."""
    return ElementTree.fromstring(text)  # noqa: S314 the daemon that runs our machines is trusted


def printable(text: str) -> str:
    """The text without characters that XML cannot carry."""
    return _ILLEGAL.sub("", text)


def attribute(tree: Element, path: str, name: str) -> str:
    """An attribute of the first element at `path`; empty when there is none."""
    found = tree.find(path)
    return "" if found is None else found.get(name, "")


_BYTES = {
    "": 1024, "b": 1, "bytes": 1, "KB": 10**3, "k": 2**10, "KiB": 2**10, "MB": 10**6, "M": 2**20,
    "MiB": 2**20, "GB": 10**9, "G": 2**30, "GiB": 2**30, "TB": 10**12, "T": 2**40, "TiB": 2**40,
}  # fmt: skip


def size_bytes(found: Element | None) -> int:
    """A size with its unit, as `<memory unit='KiB'>`; 0 without one."""
    if found is None or not (found.text or "").strip().isdigit():
        return 0
    return int(found.text or 0) * _BYTES.get(found.get("unit", ""), 1024)
