"""A tiny initrd that mounts the root disk and steps aside: seconds less per boot than a general one."""

from pathlib import Path

from clonebox_tui.engine.images.cpio import CpioWriter
from clonebox_tui.engine.images.modules import ModuleTree

# What stands between the kernel and the root disk; the agent's channel and the seed, wanted early.
_MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4", "virtio_console", "ahci", "sr_mod")
_APPLETS = ("sh", "mount", "umount", "insmod", "switch_root", "usleep", "cat", "mkdir", "ln")
_INIT = b"""#!/bin/sh
export PATH=/bin
mount -t devtmpfs dev /dev
mount -t proc proc /proc
root=/dev/vda
for word in $(cat /proc/cmdline); do
    case $word in root=*) root=${word#root=} ;; esac
done
while read -r module; do insmod "/modules/$module.ko"; done </modules/order
tries=0
while [ ! -b "$root" ] && [ $tries -lt 500 ]; do usleep 10000; tries=$((tries + 1)); done
mount -t ext4 -o rw "$root" /root || exec sh
# The agent need not wait for udev to find its channel.
mount -t sysfs sys /sys
mkdir /dev/virtio-ports
for port in /sys/class/virtio-ports/*; do
    [ -s "$port/name" ] && ln -s "../${port##*/}" "/dev/virtio-ports/$(cat "$port/name")"
done
mount -o move /dev /root/dev
umount /sys /proc
exec switch_root /root /sbin/init
"""


def write_initrd(target: Path, busybox: bytes, modules_folder: Path) -> None:
    """Write the initrd for the kernel of `modules_folder`; not compressed, since unpacking takes time."""
    tree = ModuleTree(modules_folder)
    order = tree.load_order(_MODULES)
    with target.open("wb") as out:
        cpio = CpioWriter(out)
        for folder in ("bin", "dev", "proc", "sys", "root", "modules"):
            cpio.folder(folder)
        cpio.character_device("dev/console", 5, 1)
        cpio.file("init", _INIT, mode=0o755)
        cpio.file("bin/busybox", busybox, mode=0o755)
        for applet in _APPLETS:
            cpio.symlink(f"bin/{applet}", "busybox")
        cpio.file("modules/order", "".join(f"{name}\n" for name in order).encode())
        for name in order:
            cpio.file(f"modules/{name}.ko", tree.read(name))
        cpio.close()
