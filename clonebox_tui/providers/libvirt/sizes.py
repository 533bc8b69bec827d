"""How much room the memory of internal snapshots takes: QEMU's tool knows, libvirt does not say."""

import shutil
import subprocess
from collections.abc import Iterable

import msgspec

from clonebox_tui.model.snapshot import Snapshot
from clonebox_tui.providers.libvirt.xml import Element, attribute

_TIMEOUT_SECONDS = 5.0


class _Kept(msgspec.Struct, frozen=True, rename="kebab"):
    name: str
    vm_state_size: int = 0


class _Image(msgspec.Struct, frozen=True):
    snapshots: tuple[_Kept, ...] = ()


class SnapshotSizes:
    """Remembers sizes, so that the image is only read when a snapshot came that is not known yet."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, float], int | None] = {}

    def fill(self, uuid: str, domain: Element, snapshots: Iterable[Snapshot]) -> list[Snapshot]:
        """The snapshots with their sizes in bytes; None where nobody can tell, or there is no memory."""
        found = list(snapshots)
        if any(each.memory and (uuid, each.name, each.created_at) not in self._known for each in found):
            sizes = _sizes(attribute(domain, "devices/disk[@device='disk']/source", "file"))
            for each in found:
                self._known[uuid, each.name, each.created_at] = sizes.get(each.name)
        return [
            msgspec.structs.replace(each, size_bytes=self._known.get((uuid, each.name, each.created_at)))
            for each in found
        ]


def _sizes(disk: str) -> dict[str, int]:
    """Bytes of memory by snapshot name, as `qemu-img info` reads them from the first disk."""
    program = shutil.which("qemu-img")
    if program is None or not disk:
        return {}
    # -U: the image may be in use; nothing is written.
    command = [program, "info", "-U", "--output=json", disk]
    try:
        told = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_SECONDS, check=True).stdout
        image = msgspec.json.decode(told, type=_Image)
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError, msgspec.ValidationError):
        return {}
    return {each.name: each.vm_state_size for each in image.snapshots if each.vm_state_size}
