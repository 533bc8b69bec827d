"""Tags, group and note of a domain: an element of ours in its metadata, beside the definition proper.

Anything may write there, so what is read is checked as what is typed.
"""

import shlex

import libvirt
import msgspec

from clonebox_tui.model.labels import Labels, bounded
from clonebox_tui.model.machine import Machine, State
from clonebox_tui.providers.libvirt.xml import LABELS_NAMESPACE, Element, element, parse, to_text
from clonebox_tui.providers.protocol import Call

_PREFIX = "clonebox-labels"
_NAME = f"{{{LABELS_NAMESPACE}}}"


def read(domain: Element) -> Labels:
    """What is written on a domain."""
    found = domain.find(f"metadata/{_NAME}labels")
    if found is None:
        return Labels()
    tags = [each.text or "" for each in found.findall(f"{_NAME}tag")]
    return bounded(tags, found.get("group", ""), found.findtext(f"{_NAME}note") or "")


def write(domain: libvirt.virDomain, labels: Labels) -> None:
    """Write them, into the running domain and into its definition; nothing to say removes the element."""
    live = libvirt.VIR_DOMAIN_AFFECT_LIVE if domain.isActive() else 0
    config = libvirt.VIR_DOMAIN_AFFECT_CONFIG if domain.isPersistent() else 0
    # Without anything libvirt wants no prefix either.
    text, prefix = (_text(labels), _PREFIX) if labels != Labels() else (None, None)
    kind = libvirt.VIR_DOMAIN_METADATA_ELEMENT
    domain.setMetadata(kind, text, prefix, LABELS_NAMESPACE, live | config)


def keep_over(domain: libvirt.virDomain, before: Labels) -> None:
    """After a revert: a snapshot brings back the definition of its time, and labels are not part of time."""
    if read(parse(domain.XMLDesc())) != before:
        write(domain, before)


def explain(uri: str, machine: Machine | None, argument: str) -> Call:
    """`argument`: the labels as JSON."""
    labels = msgspec.json.decode(argument, type=Labels) if argument else Labels()
    flags = ["--live"] if machine and machine.state not in (State.OFF, State.CRASHED) else []
    flags += ["--config"] if machine is None or machine.persistent else []
    words = ["virsh", "-c", uri, "metadata", machine.name if machine else "?", LABELS_NAMESPACE]
    words += ["--key", _PREFIX, "--set", _text(labels)] if labels != Labels() else ["--remove"]
    return Call(f"virDomainSetMetadata(ELEMENT, {LABELS_NAMESPACE})", shlex.join([*words, *flags]))


def _text(labels: Labels) -> str:
    # Without a namespace: libvirt adds it, with the prefix it is told.
    tags = [element("tag", text=tag) for tag in labels.tags]
    note = element("note", text=labels.note) if labels.note else None
    attributes = {"group": labels.group} if labels.group else {}
    return to_text(element("labels", *tags, note, **attributes))
