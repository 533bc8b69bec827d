"""What a provider is asked to define: a machine in every detail, still in no provider's language."""

import msgspec

from clonebox_tui.model.machine import Forward, Share


class Boot(msgspec.Struct, frozen=True):
    """Direct kernel boot; paths on the provider's host."""

    kernel: str
    initrd: str
    command_line: str


class MachineSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A machine to define. Kept as JSON in the machine's own metadata, so that it describes itself.

    Paths are absolute, on the provider's host. `network` is `user` (QEMU's own, with `forwards`) or the
    name of one of the provider's networks.
    """

    name: str
    uuid: str
    vcpus: int
    memory_bytes: int
    accelerator: str
    """`kvm` or `tcg`: decided already."""
    disk_path: str
    mac: str
    seed_path: str = ""
    boot: Boot | None = None
    network: str = "user"
    forwards: tuple[Forward, ...] = ()
    shares: tuple[Share, ...] = ()
    log_path: str = ""
    key_path: str = ""
    host_key: str = ""
    """The guest's SSH host key (public line), made before its first boot: pinned from the start."""
    user: str = ""
    uid: int = 1000
    image: str = ""
    folder: str = ""
    packages: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    """Guest ports that must answer for the machine to be ready."""
