"""Takes the seed medium of cloud-init out of a machine, now and for every later start."""

import libvirt
import msgspec

from clonebox_tui.providers.libvirt import metadata
from clonebox_tui.providers.libvirt.xml import Element, parse, to_text


def eject(domain: libvirt.virDomain) -> None:
    """Empty the running machine's CD-ROM, and remove the drive from the persistent definition."""
    if domain.isActive():
        for drive in _drives(domain.XMLDesc()):
            source = drive.find("source")
            if source is not None:
                drive.remove(source)
                # FORCE: the guest may have locked the tray, and has no say in it any more.
                domain.updateDeviceFlags(
                    to_text(drive), libvirt.VIR_DOMAIN_AFFECT_LIVE | libvirt.VIR_DOMAIN_DEVICE_MODIFY_FORCE
                )
    if domain.isPersistent():
        for drive in _drives(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)):
            domain.detachDeviceFlags(to_text(drive), libvirt.VIR_DOMAIN_AFFECT_CONFIG)
    spec = metadata.read(parse(domain.XMLDesc()))
    if spec is not None and spec.seed_path:
        metadata.replace(domain, msgspec.structs.replace(spec, seed_path=""))


def _drives(xml: str) -> list[Element]:
    return parse(xml).findall("devices/disk[@device='cdrom']")
