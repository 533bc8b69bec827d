"""The checksum by which images are known, of files too large for memory."""

import hashlib
from collections.abc import Callable
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def sha512_of(path: Path, seen: Callable[[int], None] | None = None) -> str:
    """SHA-512 (hex) of a file; `seen` gets the bytes read so far."""
    digest = hashlib.sha512()
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            if seen:
                seen(done)
    return digest.hexdigest()
