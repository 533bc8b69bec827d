"""The files laid over Debian's own to make the image quick and quiet, as a tar that belongs to root."""

import io
import tarfile
from pathlib import Path

from clonebox_tui.engine.images.recipe import MASKED_UNITS, ROOTFS, Recipe

_UNITS = "etc/systemd/system"
_NETWORKD = "/lib/systemd/system/systemd-networkd"
_WAIT = "systemd-networkd-wait-online.service"

# Enabled by link, as `systemctl enable` would: nothing has to run inside the image for it.
_LINKS = {
    **{f"{_UNITS}/{unit}": "/dev/null" for unit in MASKED_UNITS},
    f"{_UNITS}/multi-user.target.wants/systemd-networkd.service": f"{_NETWORKD}.service",
    f"{_UNITS}/sockets.target.wants/systemd-networkd.socket": f"{_NETWORKD}.socket",
    f"{_UNITS}/network-online.target.wants/{_WAIT}": f"/lib/systemd/system/{_WAIT}",
    f"{_UNITS}/sysinit.target.wants/qemu-guest-agent.service": "../qemu-guest-agent.service",
    f"{_UNITS}/dbus-org.freedesktop.network1.service": f"{_NETWORKD}.service",
    "etc/resolv.conf": "../run/systemd/resolve/stub-resolv.conf",
}


def write_overlay(target: Path, recipe: Recipe, guest_apt: str) -> None:
    """Write the overlay's tar to `target`; `guest_apt` are further apt settings of the guest."""
    with tarfile.open(target, "w") as tar:
        for path in sorted(ROOTFS.rglob("*")):
            if path.is_file():
                _add(tar, str(path.relative_to(ROOTFS)), path.read_bytes())
        stanzas = [source.deb822() for source in recipe.public_sources]
        _add(tar, "etc/apt/sources.list.d/debian.sources", "\n".join(stanzas).encode())
        _add(tar, "etc/apt/apt.conf.d/51clonebox-host", guest_apt.encode())
        for keyring in {source.signed_by for source in recipe.sources}:
            if keyring.startswith("/") and Path(keyring).is_file():
                _add(tar, keyring.lstrip("/"), Path(keyring).read_bytes())
        for name, link in _LINKS.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, link
            tar.addfile(entry)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o644
    tar.addfile(entry, io.BytesIO(data))
