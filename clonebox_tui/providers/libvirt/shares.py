"""Shares as devices: built, found in a definition, taken out of a running machine and put back."""

import time

import libvirt

from clonebox_tui.model.machine import Share
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.libvirt.xml import Element, attribute, element, parse, to_text

VIRTIOFS = "virtiofs"
_REMOVAL_SECONDS = 15.0
_POLL_SECONDS = 0.05


def device(share: Share) -> Element:
    """`<filesystem>`. virtiofs cannot be read-only in libvirt 9 (the guest mounts it so); 9p can."""
    if share.driver == VIRTIOFS:
        return element(
            "filesystem",
            element("driver", type="virtiofs"),
            element("source", dir=share.host),
            element("target", dir=share.tag),
            type="mount",
            accessmode="passthrough",
        )
    # squash: files get the owner of QEMU's process instead of failing where it may not chown.
    return element(
        "filesystem",
        element("source", dir=share.host),
        element("target", dir=share.tag),
        element("readonly") if share.readonly else None,
        type="mount",
        accessmode="squash",
        multidevs="remap",
    )


def read(domain: Element) -> tuple[Share, ...]:
    """The shares of a definition that carries no spec: where they are mounted is not known."""
    return tuple(_share(found) for found in domain.findall("devices/filesystem"))


def _share(found: Element) -> Share:
    driver = VIRTIOFS if attribute(found, "driver", "type") == VIRTIOFS else "9p"
    readonly = found.find("readonly") is not None
    return Share(attribute(found, "source", "dir"), "", attribute(found, "target", "dir"), driver, readonly)


def detach(domain: libvirt.virDomain, tag: str) -> None:
    """Take a virtiofs device out of the running machine and wait until it is out. Not there: done."""
    found = _find(domain, tag)
    if found is None:
        return
    if attribute(found, "driver", "type") != VIRTIOFS:
        raise problem(
            Code.NOT_SUPPORTED,
            f"The share {tag} of {domain.name()} cannot be unplugged.",
            why="libvirt hot-plugs virtiofs only; a 9p share is out of the way once it is unmounted",
            next="Unmount it in the guest: that is enough.",
        )
    domain.detachDeviceFlags(to_text(found), libvirt.VIR_DOMAIN_AFFECT_LIVE)
    # libvirt returns when the guest has been asked; the guest's kernel decides when it lets go.
    end = time.monotonic() + _REMOVAL_SECONDS
    while _find(domain, tag) is not None:
        if time.monotonic() > end:
            raise problem(
                Code.TIMED_OUT,
                f"The guest of {domain.name()} did not let go of the share {tag}.",
                why=f"its device was still there after {_REMOVAL_SECONDS:.0f} s",
                next="Check in the guest that the folder is not mounted, then try again.",
            )
        time.sleep(_POLL_SECONDS)


def attach(domain: libvirt.virDomain, share: Share) -> None:
    """Put a device back into the running machine. There already: done."""
    if _find(domain, share.tag) is None:
        domain.attachDeviceFlags(to_text(device(share)), libvirt.VIR_DOMAIN_AFFECT_LIVE)


def _find(domain: libvirt.virDomain, tag: str) -> Element | None:
    tree = parse(domain.XMLDesc())
    devices = tree.findall("devices/filesystem")
    return next((found for found in devices if attribute(found, "target", "dir") == tag), None)
