"""Decides what is chosen beforehand. Only opinions live here; facts come from the sources."""

import re

from clonebox_tui.engine.detect.dpkg import Package

_BASE_PRIORITIES = frozenset({"required", "important", "standard"})
_UNASKED_SECTIONS = frozenset(
    {
        "libs",
        "oldlibs",
        "libdevel",
        "introspection",
        "kernel",
        "debug",
        "localization",
        "fonts",
        "doc",
        "x11",
        "metapackages",
    }
)
_HOST_ONLY_PACKAGES = re.compile(
    r"(linux-(image|headers|base|perf)|grub|shim-|firmware-|.*-microcode|xserver-|.*-dkms|nvidia-|mdadm|lvm2|cryptsetup"
    r"|libvirt-|qemu-|virtualbox|open-vm-tools|cloud-init|network-manager|wpasupplicant|ifupdown|plymouth|task-)"
)
_HOST_ONLY_UNITS = frozenset(
    {
        # those the original left out (docs/config.md)
        "libvirtd", "virtlogd", "libvirt-guests", "qemu-guest-agent", "bluetooth", "bluez", "upower",
        "thermald",
        "tlp", "power-profiles-daemon", "gdm", "gdm3", "sddm", "lightdm", "ModemManager", "wpa_supplicant",
        "accounts-daemon", "colord", "switcheroo-control",
        # bound to this machine's disks, firmware, clock, network or boot
        "virtlockd", "machines", "e2scrub_reap", "mdmonitor", "multipathd", "blk-availability",
        "lvm2-monitor",
        "smartd", "smartmontools", "fwupd", "irqbalance", "networking", "NetworkManager",
        "NetworkManager-dispatcher", "NetworkManager-wait-online", "dbus", "console-setup", "keyboard-setup",
        "apparmor", "ufw", "nftables", "rtkit-daemon", "udisks2", "open-vm-tools", "vmtoolsd", "hwclock.sh",
        "chrony", "chronyd", "ntp", "ntpsec", "plymouth", "procps", "x11-common", "unattended-upgrades",
        "anacron", "cron", "rsyslog", "avahi-daemon", "cups", "cups-browsed", "pcscd", "acpid", "rpcbind",
    }
)  # fmt: skip
_HOST_ONLY_PREFIXES = (
    "systemd-",
    "getty",
    "serial-getty",
    "cloud-",
    "snap.cups.",
    "nvidia-",
    "grub",
    "libvirtd-",
    "virt",
)


def belongs_to_host_only(stem: str) -> bool:
    """Whether a unit serves this machine's own hardware or boot, so that a clone has no use for it."""
    plain = stem.partition("@")[0]
    return plain in _HOST_ONLY_UNITS or plain.startswith(_HOST_ONLY_PREFIXES)


def suggest_package(package: Package) -> bool:
    """A package asked for by hand, that is neither part of the base nor bound to this machine."""
    return not (
        package.automatic
        or package.essential
        or package.priority in _BASE_PRIORITIES
        or package.section.rpartition("/")[2] in _UNASKED_SECTIONS
        or package.name.endswith(("-dev", "-dbg", "-dbgsym"))
        or _HOST_ONLY_PACKAGES.match(package.name) is not None
    )
