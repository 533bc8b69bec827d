"""Base images, as front ends list them."""

import msgspec


class Image(msgspec.Struct, frozen=True, omit_defaults=True):
    """A base image; sizes in bytes, times in UNIX seconds."""

    name: str
    kind: str
    """`built` or `imported`."""
    created_at: float
    path: str
    size_bytes: int
    virtual_size_bytes: int
    bootable: str = "disk"
    """`kernel`: direct kernel boot; `disk`: its own boot loader."""
    used_by: tuple[str, ...] = ()
    """Names of machines, or paths of disks, that need it."""
