"""Acts on real machines under libvirt, each with the world it begins in; everything has a name of its own."""

import os
import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import libvirt
import msgspec

from clonebox_tui.engine.images.cpio import CpioWriter
from clonebox_tui.engine.images.metadata import Metadata, marks_of, write
from clonebox_tui.engine.trash import entries
from clonebox_tui.model.acts import (
    CloneMachine,
    CreateSnapshot,
    DeleteMachine,
    DeleteSnapshot,
    ImportImage,
    PurgeMachine,
    RemoveImage,
    RestoreSnapshot,
    TrashMachine,
    UntrashMachine,
)
from clonebox_tui.model.environment import MEBIBYTE
from clonebox_tui.model.machine import machine_id
from clonebox_tui.model.snapshot import SAFETY_PREFIX
from clonebox_tui.model.spec import Boot, MachineSpec
from clonebox_tui.model.trash import TrashedMachine
from clonebox_tui.providers.libvirt import keeping, lifecycle
from clonebox_tui.providers.libvirt.definition import Dialect, domain_xml
from tests.engine.clone_workshop import WISH
from tests.faults.sweep import Subject
from tests.guests import domain as domains
from tests.guests.micro import MicroGuest

URI = "qemu:///system"
_CHANNEL = re.compile("<channel .*?</channel>", re.DOTALL)
_FIRST_BOOT = b'{"v1": {"datasource": "DataSourceNoCloud", "errors": []}}'
_OLD, _NEW = 0x11, 0x22
"""What stands at the beginning of the disk in the snapshot, and now."""


class RealWorld:
    """Images, a project and one machine in `folder`; `machines` is what libvirt knows of them."""

    def __init__(self, connection: libvirt.virConnect, folder: Path, guest: MicroGuest, disk: Path) -> None:
        self.connection = connection
        self.folder = folder
        self.name = domains.unique_name("cbx-fault")
        self.uuid = str(uuid.uuid4())
        self._disk = disk
        self._guest = guest
        self.project = folder / "project"
        self.images = folder / "store"
        self._image("micro")

    @property
    def folders(self) -> list[Path]:
        return [self.project, self.images]

    def machines(self) -> list[str]:
        """Each of our machines: state, snapshots, what its disk holds."""
        found = []
        for each in self.connection.listAllDomains():
            if each.name().startswith(self.name):
                names = sorted(
                    SAFETY_PREFIX if n.startswith(SAFETY_PREFIX) else n for n in each.snapshotListNames()
                )
                off = not each.isActive()
                found.append(f"machine {each.name()} {'off' if off else 'on'} {names} {self._holds()}")
        return found

    def clear(self) -> None:
        """No machine, no project file, one image."""
        for each in self.connection.listAllDomains():
            if each.name().startswith(self.name):
                domains.remove(self.connection, each.name())
        shutil.rmtree(self.images / "trash", ignore_errors=True)
        for folder in (self.project, self.images / "machines"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        for image in (self.images / "images").iterdir():
            if image.name != "micro":
                shutil.rmtree(image)

    # -- acts ----------------------------------------------------------------------------------------

    def clone(self) -> Subject:
        async def prepare() -> None:
            self.clear()

        wish = msgspec.structs.replace(
            WISH, name=self.name, base_image="micro", memory_bytes=256 * MEBIBYTE, disk_bytes=1024 * MEBIBYTE
        )
        return Subject("clone", CloneMachine(URI, wish, str(self.project), "version: '1'\n"), prepare)

    def delete(self) -> Subject:
        return Subject("delete", DeleteMachine(machine_id(URI, self.uuid)), self.with_machine)

    def trash(self) -> Subject:
        return Subject("trash", TrashMachine(machine_id(URI, self.uuid)), self.with_machine)

    def trash_restore(self) -> Subject:
        act = UntrashMachine(machine_id(URI, self.uuid))
        return Subject("trash restore", act, self._with_machine_in_trash)

    def trash_purge(self) -> Subject:
        return Subject("trash purge", PurgeMachine(machine_id(URI, self.uuid)), self._with_machine_in_trash)

    def snapshot_create(self) -> Subject:
        act = CreateSnapshot(machine_id(URI, self.uuid), "fresh")
        return Subject("snapshot create", act, self.with_machine)

    def memory_snapshot(self) -> Subject:
        """Of a running machine: libvirt goes on with it when the worker has died."""

        async def prepare() -> None:
            await self.with_machine()
            self.connection.lookupByUUIDString(self.uuid).create()

        act = CreateSnapshot(machine_id(URI, self.uuid), "fresh")
        return Subject("memory snapshot", act, prepare)

    def snapshot_restore(self) -> Subject:
        act = RestoreSnapshot(machine_id(URI, self.uuid), "first")
        return Subject("snapshot restore", act, self.with_machine)

    def live_restore(self) -> Subject:
        """Of a running machine, to a moment when it ran."""

        async def prepare() -> None:
            await self.with_machine()
            domain = self.connection.lookupByUUIDString(self.uuid)
            domain.snapshotLookupByName("first").delete()
            # Nothing boots in it: an agent would be waited for.
            domain = self.connection.defineXML(_CHANNEL.sub("", domain.XMLDesc()))
            self._put(_OLD)
            domain.create()
            domain.snapshotCreateXML("<domainsnapshot><name>first</name></domainsnapshot>", 0)
            domain.destroy()
            self._put(_NEW)
            domain.create()

        act = RestoreSnapshot(machine_id(URI, self.uuid), "first")
        return Subject("live restore", act, prepare)

    def snapshot_delete(self) -> Subject:
        act = DeleteSnapshot(machine_id(URI, self.uuid), "first")
        return Subject("snapshot delete", act, self.with_machine)

    def image_import(self) -> Subject:
        async def prepare() -> None:
            self.clear()

        source = self.folder / "given.vmdk"
        subprocess.run(["qemu-img", "convert", "-O", "vmdk", str(self._disk), str(source)], check=True)
        return Subject("image import", ImportImage(str(source), URI, "brought"), prepare)

    def image_remove(self) -> Subject:
        async def prepare() -> None:
            self.clear()
            self._image("doomed")

        return Subject("image remove", RemoveImage("doomed", URI), prepare)

    # -- the world -----------------------------------------------------------------------------------

    async def with_machine(self) -> None:
        self.clear()
        place = self.images / "machines" / self.name
        place.mkdir(mode=0o711)
        shutil.copy(self._disk, self._path)
        os.chown(self._path, *self._owner())
        (place / "id_ed25519").write_text("a key")
        self._put(_OLD)
        spec = MachineSpec(
            self.name,
            self.uuid,
            1,
            256 * MEBIBYTE,
            "tcg",
            str(self._path),
            "52:54:00:00:00:01",
            network="user",
        )
        domain = self.connection.defineXML(domain_xml(spec, Dialect()))
        domain.snapshotCreateXML("<domainsnapshot><name>first</name></domainsnapshot>", 0)
        self._put(_NEW)

    async def _with_machine_in_trash(self) -> None:
        await self.with_machine()
        domain = self.connection.lookupByUUIDString(self.uuid)
        place = self.images / "trash" / self.uuid
        folder = str(self._path.parent)
        kept = TrashedMachine(
            machine_id(URI, self.uuid), self.name, time.time(), time.time() + 86_400, URI, folder, moved=True
        )
        entries.write(place, entries.Entry(kept, keeping.read(domain)))
        lifecycle.set_aside(domain)
        (self.images / "machines" / self.name).rename(place / entries.FILES)

    async def with_bootable(self, more: Sequence[str] = ()) -> None:
        """A machine of the micro guest that is off, with snapshots `first` and `more`, one by one."""
        self.clear()
        place = self.images / "machines" / self.name
        place.mkdir(mode=0o711)
        shutil.copy(self._disk, self._path)
        os.chown(self._path, *self._owner())
        boot = Boot(str(self._guest.kernel), str(self._guest.initrd), self._guest.command_line)
        spec = MachineSpec(
            self.name, self.uuid, 1, 192 * MEBIBYTE, "tcg", str(self._path), "52:54:00:00:00:01", boot=boot
        )
        domain = self.connection.defineXML(domain_xml(spec, Dialect()))
        for name in ("first", *more):
            domain.snapshotCreateXML(f"<domainsnapshot><name>{name}</name></domainsnapshot>", 0)

    def external_snapshot(self, name: str) -> None:
        """As virsh takes one of a machine that is off: its disk goes on in a layer over the present file."""
        layer = f"<source file='{self._path}.{name}'/>"
        disks = f"<disks><disk name='vda' snapshot='external'>{layer}</disk></disks>"
        xml = f"<domainsnapshot><name>{name}</name>{disks}</domainsnapshot>"
        domain = self.connection.lookupByUUIDString(self.uuid)
        domain.snapshotCreateXML(xml, libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY)

    @property
    def _path(self) -> Path:
        return self.images / "machines" / self.name / "disk.qcow2"

    def _owner(self) -> tuple[int, int]:
        status = self.folder.stat()
        return status.st_uid, status.st_gid

    def _put(self, pattern: int) -> None:
        self._io(f"write -P {pattern} 0 64k")

    def _holds(self) -> str:
        if not self._path.exists():
            return "no disk"
        return next((name for name, pattern in (("old", _OLD), ("new", _NEW)) if self._is(pattern)), "other")

    def _is(self, pattern: int) -> bool:
        return "verification failed" not in self._io(f"read -P {pattern} 0 64k")

    def _io(self, command: str) -> str:
        # A running machine's disk is looked at too: what stands there is left alone by its guest.
        sharing = ["-U", "-r"] if command.startswith("read") else []
        argv = ["qemu-io", *sharing, "-f", "qcow2", "-c", command, str(self._path)]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout

    def _image(self, name: str) -> None:
        """The micro guest as an image that boots by its kernel, its first boot over from the start."""
        image = self.images / "images" / name
        image.mkdir(parents=True)
        shutil.copy(self._disk, image / "disk.qcow2")
        shutil.copy(self._guest.kernel, image / "vmlinux")
        shutil.copy(self._guest.initrd, image / "initrd.img")
        with (image / "initrd.img").open("ab") as archive:
            more = CpioWriter(archive)
            for folder in ("run/cloud-init", "etc/cloud"):
                more.folder(folder)
            more.file("run/cloud-init/result.json", _FIRST_BOOT)
            more.close()
        disk = image / "disk.qcow2"
        marks = marks_of(image)
        kept = Metadata(
            name, "built", time.time(), disk.stat().st_size, 64 * MEBIBYTE, marks[disk.name].sha512,
            kernel="vmlinux", initrd="initrd.img", command_line=self._guest.command_line, marks=marks,
        )  # fmt: skip
        write(kept, image)
