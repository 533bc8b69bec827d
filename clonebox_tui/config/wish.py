"""Turns a checked file into the wish that plans start from: defaults filled in, spellings made one."""

from pathlib import Path

from clonebox_tui.config import defaults
from clonebox_tui.config.file_model import PortEntry, ProjectFile, VmSection
from clonebox_tui.config.rules import host_path, is_path
from clonebox_tui.model.environment import (
    GIBIBYTE,
    MEBIBYTE,
    Accel,
    GuestUser,
    HostLimits,
    MachineWish,
    NetworkMode,
    PortWish,
    ShareWish,
)

_NETWORKS = {
    "user": NetworkMode.USER,
    "default": NetworkMode.DEFAULT,
    "nat": NetworkMode.DEFAULT,
    "auto": NetworkMode.AUTO,
    "bridge": NetworkMode.AUTO,
}


def wish_from(
    file: ProjectFile, folder: Path, home: str, user: GuestUser, limits: HostLimits | None
) -> MachineWish:
    """The wish of a file that lies in `folder`; what it leaves open comes from `defaults`."""
    vm = _lifted(file)
    image = vm.base_image
    return MachineWish(
        name=vm.name or defaults.default_name(folder),
        vcpus=vm.vcpus or defaults.default_vcpus(limits),
        memory_bytes=vm.ram_mb * MEBIBYTE if vm.ram_mb else defaults.default_memory_bytes(limits),
        disk_bytes=vm.disk_size_gb * GIBIBYTE if vm.disk_size_gb else defaults.default_disk_bytes(limits),
        username=vm.username or user.name,
        uid=vm.uid or user.uid,
        base_image=host_path(image, folder, home) if image and is_path(image) else image,
        accel=Accel(vm.accel),
        network=_NETWORKS[vm.network_mode],
        connection=file.connection,
        shares=_shares(file, folder, home),
        packages=tuple(dict.fromkeys([*file.packages, *vm.packages])),
        services=tuple(dict.fromkeys([*file.services, *vm.services])),
        ports=tuple(_port(entry) for entry in file.ports),
        post_commands=tuple(file.post_commands),
    )


def _lifted(file: ProjectFile) -> VmSection:
    """The `vm` section with the flat keys put in where it does not say anything itself."""
    flat = ("name", "ram_mb", "vcpus", "disk_size_gb", "base_image", "network_mode", "username")
    given = {key: getattr(file, key) for key in flat if getattr(file, key) is not None}
    return file.vm.model_copy(
        update={key: value for key, value in given.items() if key not in file.vm.model_fields_set}
    )


def _shares(file: ProjectFile, folder: Path, home: str) -> tuple[ShareWish, ...]:
    if isinstance(file.paths, dict):
        shares = [ShareWish(host_path(host, folder, home), guest) for host, guest in file.paths.items()]
    else:
        shares = [
            ShareWish(host_path(entry.host, folder, home), entry.guest, entry.readonly)
            for entry in file.paths
            if entry.mode == "live"
        ]
    return tuple(sorted(shares, key=lambda share: share.guest.count("/")))


def _port(entry: PortEntry) -> PortWish:
    return PortWish(entry.guest, entry.host, entry.proto, entry.bind, entry.service or "")
