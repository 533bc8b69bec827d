"""Write an initramfs archive (cpio "newc") without root, cpio or device nodes on the host.

Format: Documentation/driver-api/early-userspace/buffer-format.rst in the kernel's own tree.
"""

import stat
from pathlib import Path
from typing import BinaryIO


class CpioWriter:
    """Appends entries to `out`; every entry belongs to root. Call `close` for the trailer."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._inode = 0

    def folder(self, name: str, mode: int = 0o755) -> None:
        """One folder; parents must be written before their children."""
        self._entry(name, stat.S_IFDIR | mode)

    def file(self, name: str, data: bytes, mode: int = 0o644) -> None:
        """One regular file."""
        self._entry(name, stat.S_IFREG | mode, data)

    def symlink(self, name: str, target: str) -> None:
        """One symbolic link."""
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, name: str, major: int, minor: int, mode: int = 0o600) -> None:
        """One character device node."""
        self._entry(name, stat.S_IFCHR | mode, device=(major, minor))

    def tree(self, root: Path) -> None:
        """Everything below `root`, in a stable order."""
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            if path.is_symlink():
                self.symlink(name, str(path.readlink()))
            elif path.is_dir():
                self.folder(name)
            else:
                self.file(name, path.read_bytes(), stat.S_IMODE(path.stat().st_mode))

    def close(self) -> None:
        """Write the trailer; the stream itself stays open."""
        self._entry("TRAILER!!!", 0)

    def _entry(self, name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        self._inode += 1
        encoded = name.encode() + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (self._inode, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(encoded), 0)
        head = b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
        self._out.write(head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4))
