"""A machine's spec as libvirt's domain: what is asked for, one small function a part.

QEMU: q35, direct kernel boot or the disk's own boot loader under SeaBIOS (pflash forbids internal
snapshots), headless, everything virtio. `test:///` gets the same machine in its own domain type.
"""

from dataclasses import dataclass

from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.libvirt import metadata, network, shares
from clonebox_tui.providers.libvirt.machines import AGENT_CHANNEL
from clonebox_tui.providers.libvirt.xml import Element, element, to_text

SEED_TARGET = "sda"


@dataclass(frozen=True)
class Dialect:
    """What differs between libvirt's drivers."""

    test_driver: bool = False


def domain_xml(spec: MachineSpec, dialect: Dialect) -> str:
    """The whole document, ready for VIR_DOMAIN_DEFINE_VALIDATE."""
    return to_text(domain(spec, dialect))


def domain(spec: MachineSpec, dialect: Dialect) -> Element:
    """The domain as a tree."""
    kvm = spec.accelerator == "kvm"
    return element(
        "domain",
        element("name", text=spec.name),
        element("uuid", text=spec.uuid),
        metadata.write(spec),
        element("memory", text=str(spec.memory_bytes // 1024), unit="KiB"),
        _memory_backing(spec),
        element("vcpu", text=str(spec.vcpus)),
        _os(spec, dialect),
        element("features", element("acpi"), element("apic")),
        # Emulation gains nothing from imitating the host's processor; KVM does.
        element("cpu", mode="host-passthrough" if kvm else "maximum"),
        element("clock", offset="utc"),
        element("on_poweroff", text="destroy"),
        element("on_reboot", text="restart"),
        # `preserve` would keep a crashed QEMU and its memory around.
        element("on_crash", text="destroy"),
        _devices(spec, dialect),
        None if dialect.test_driver else network.command_line(spec),
        type="test" if dialect.test_driver else "kvm" if kvm else "qemu",
    )


def _memory_backing(spec: MachineSpec) -> Element | None:
    """virtiofsd reads the guest's memory, so it must be shareable."""
    if not any(share.driver == "virtiofs" for share in spec.shares):
        return None
    return element("memoryBacking", element("source", type="memfd"), element("access", mode="shared"))


def _os(spec: MachineSpec, dialect: Dialect) -> Element:
    if dialect.test_driver:
        return element("os", element("type", text="hvm", arch="i686"), element("boot", dev="hd"))
    kind = element("type", text="hvm", arch="x86_64", machine="q35")
    if spec.boot is None:
        return element("os", kind, element("boot", dev="hd"))
    return element(
        "os",
        kind,
        element("kernel", text=spec.boot.kernel),
        element("initrd", text=spec.boot.initrd) if spec.boot.initrd else None,
        element("cmdline", text=spec.boot.command_line) if spec.boot.command_line else None,
    )


def _devices(spec: MachineSpec, dialect: Dialect) -> Element:
    return element(
        "devices",
        _disk(spec),
        _seed(spec) if spec.seed_path and not dialect.test_driver else None,
        # Probing USB costs an emulated guest seconds, and nothing is plugged in.
        element("controller", type="usb", model="none"),
        *(shares.device(share) for share in spec.shares),
        network.interface(spec, dialect.test_driver),
        _serial(spec),
        element("channel", element("target", type="virtio", name=AGENT_CHANNEL), type="unix"),
        element("memballoon", element("stats", period="2"), model="virtio"),
        element("rng", element("backend", text="/dev/urandom", model="random"), model="virtio"),
    )


def _disk(spec: MachineSpec) -> Element:
    return element(
        "disk",
        element("driver", name="qemu", type="qcow2", discard="unmap"),
        element("source", file=spec.disk_path),
        element("target", dev="vda", bus="virtio"),
        type="file",
        device="disk",
    )


def _seed(spec: MachineSpec) -> Element:
    """A CD-ROM on the SATA controller q35 has anyway: its medium can be ejected while the guest runs."""
    return element(
        "disk",
        element("driver", name="qemu", type="raw"),
        element("source", file=spec.seed_path),
        element("target", dev=SEED_TARGET, bus="sata"),
        element("readonly"),
        type="file",
        device="cdrom",
    )


def _serial(spec: MachineSpec) -> Element:
    """`append`: a start does not wipe what the last run said; virtlogd bounds the file by rotating it."""
    log = element("log", file=spec.log_path, append="on") if spec.log_path else None
    return element("serial", log, element("target", port="0"), type="pty")
