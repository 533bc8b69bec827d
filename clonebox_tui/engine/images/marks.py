"""By what a file is known again: cheaply by its size, date and inode; by its checksum where these differ."""

import functools
from pathlib import Path

import msgspec

from clonebox_tui.engine.images.checksum import sha512_of


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file as it was: bytes, nanoseconds, inode, SHA-512 (hex; empty: too large to be worth it)."""

    size_bytes: int
    mtime_ns: int
    inode: int
    sha512: str = ""

    @classmethod
    def of(cls, path: Path, sha512: str = "") -> "Mark":
        """The mark of a file as it is; OSError when it is not there."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns, found.st_ino, sha512)

    def fits(self, path: Path) -> bool:
        """Whether the file is still that one, or a copy with the same contents. OSError when it is gone."""
        now = Mark.of(path, self.sha512)
        if now == self:
            return True
        if now.size_bytes != self.size_bytes:
            return False
        if not self.sha512:
            return now.mtime_ns == self.mtime_ns  # brought back from a backup
        return _sha512(path, now) == self.sha512


@functools.lru_cache(maxsize=32)
def _sha512(path: Path, mark: Mark) -> str:
    """Asked for at every start, computed once for a file as it is."""
    del mark
    return sha512_of(path)
