"""What goes into a built image, and so its name: the same inputs always make the same name."""

import hashlib
from pathlib import Path

import msgspec

from clonebox_tui.engine.images.sources import Source

VERSION = 4
"""Raised whenever code changes what comes out; files laid into the image are hashed by themselves."""

HERE = Path(__file__).parent
ROOTFS = HERE / "rootfs"
TUNE = HERE / "tune.sh"

KERNEL_COMMAND_LINE = (
    "root=/dev/vda rw console=ttyS0 quiet mitigations=off nokaslr "
    "systemd.show_status=0 net.ifnames=0 fsck.mode=skip"
)

BASE_PACKAGES = (
    *("systemd-sysv", "systemd-resolved", "udev", "dbus", "kmod", "procps", "iproute2", "busybox-static"),
    *("openssh-server", "qemu-guest-agent", "cloud-init", "sudo", "ca-certificates"),
    *("bash-completion", "less", "nano"),
)

# Drivers of hardware that no virtual machine has: two thirds of the modules' bytes.
_DRIVERS = (
    *("gpu/drm/amd", "gpu/drm/i915", "gpu/drm/nouveau", "gpu/drm/radeon", "gpu/drm/gma500"),
    *("net/wireless", "net/ethernet/mellanox", "net/ethernet/broadcom", "net/ethernet/chelsio"),
    *("net/ethernet/qlogic", "net/ethernet/netronome", "net/ethernet/sfc", "net/ethernet/cavium"),
    *("media", "staging", "infiniband", "iio", "isdn", "bluetooth", "platform", "hwmon", "mtd", "edac"),
    *("scsi/qla2xxx", "scsi/lpfc", "scsi/bfa", "scsi/mpt3sas", "scsi/aic7xxx", "comedi", "mfd"),
)
EXCLUDED_PATHS = (
    *(f"*/lib/modules/*/kernel/drivers/{driver}/*" for driver in _DRIVERS),
    "*/lib/modules/*/kernel/sound/soc/*",
    "/boot/System.map-*",
    "/usr/lib/binfmt.d/python3*",  # lets the kernel run .pyc files; its service would start at every boot
)

MASKED_UNITS = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "man-db.timer", "dpkg-db-backup.timer", "fstrim.timer"),
    *("e2scrub_all.timer", "e2scrub_reap.service", "cloud-config.service", "cloud-init-hotplugd.socket"),
    *("systemd-network-generator.service", "systemd-pstore.service", "systemd-firstboot.service"),
    # They load modules which their users load by themselves, and each costs a process at start-up.
    *(f"modprobe@{module}.service" for module in ("configfs", "dm_mod", "drm", "efi_pstore", "fuse", "loop")),
    *("sys-kernel-debug.mount", "sys-kernel-tracing.mount", "dev-hugepages.mount", "getty@tty1.service"),
)


class Recipe(msgspec.Struct, frozen=True):
    """The inputs of one image. `sources` may hold credentials; what is stored and hashed does not."""

    suite: str
    architecture: str
    sources: tuple[Source, ...]
    packages: tuple[str, ...] = ()
    """Debian packages beyond `BASE_PACKAGES`."""
    acquire: tuple[str, ...] = ()
    """apt settings (`Acquire::…`) taken over from the host."""

    @property
    def public_sources(self) -> tuple[Source, ...]:
        """The sources as they may be kept and shown."""
        return tuple(source.without_credentials() for source in self.sources)

    @property
    def all_packages(self) -> tuple[str, ...]:
        """Everything installed on purpose, in a stable order, once each."""
        return tuple(sorted({*BASE_PACKAGES, *self.packages}))

    @property
    def name(self) -> str:
        """`debian-SUITE-ARCHITECTURE-HASH`; the hash covers every input and the files laid over Debian's."""
        files = [path for path in sorted(ROOTFS.rglob("*")) if path.is_file()]
        contents = [(str(path.relative_to(HERE)), path.read_text()) for path in (*files, TUNE)]
        settings = (VERSION, KERNEL_COMMAND_LINE, EXCLUDED_PATHS, MASKED_UNITS, contents)
        inputs = (settings, self.public_sources, self.all_packages)
        digest = hashlib.sha256(msgspec.json.encode(inputs)).hexdigest()
        return f"debian-{self.suite}-{self.architecture}-{digest[:8]}"
