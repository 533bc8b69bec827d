"""What is said about files in a guest: a folder's list, and a text to look at."""

import msgspec

MOST_ENTRIES = 5000
"""Told of one folder."""

MOST_BYTES = 256 * 1024
"""Shown of one file."""


class GuestPath(msgspec.Struct, frozen=True):
    """An absolute path in a machine's guest."""

    machine: str
    path: str = "/"


class GuestEntry(msgspec.Struct, frozen=True):
    """One thing in a folder. `kind`: folder, file, link or other. `modified_at`: UNIX seconds."""

    name: str
    kind: str
    mode: int
    size_bytes: int
    modified_at: float
    owner: str


class GuestFolder(msgspec.Struct, frozen=True):
    """What a folder holds, folders first, then by name. `more`: so many entries are left out."""

    path: str
    entries: tuple[GuestEntry, ...]
    more: int = 0


class GuestText(msgspec.Struct, frozen=True):
    """The beginning of a file."""

    path: str
    content: bytes
    truncated: bool
