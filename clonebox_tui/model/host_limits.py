"""What a host has to give to machines."""

import msgspec


class HostLimits(msgspec.Struct, frozen=True):
    """What this host has to give; the base of default sizes and of the wizard's bounds."""

    cpus: int
    memory_bytes: int
    memory_available_bytes: int
    disk_free_bytes: int
