"""Checks a wish that is being typed, field by field, by the same rules as a file."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from clonebox_tui.config import rules
from clonebox_tui.config.faults import FaultList
from clonebox_tui.config.validation import validate
from clonebox_tui.model.environment import (
    GIBIBYTE,
    MEBIBYTE,
    ConfigFault,
    FaultLevel,
    HostLimits,
    MachineWish,
)
from clonebox_tui.model.rpc import WishFaults

_FIELDS = {
    "ram_mb": "memory_bytes",
    "disk_size_gb": "disk_bytes",
    "network_mode": "network",
    "paths": "shares",
    "proto": "protocol",
}


def check_wish(
    wish: MachineWish, limits: HostLimits | None = None, taken_names: Collection[str] = ()
) -> WishFaults:
    """A sentence for each field that cannot stand, and for each that may not have been meant so."""
    data = _as_file(wish)
    faults = FaultList()
    faults.source = data
    rules.check_meaning(data, faults)
    rules.host_files(data, Path("/"), "/", faults, required=True)
    validate(data, faults)
    errors = {_field(fault): _sentence(fault) for fault in faults.found if fault.level is FaultLevel.ERROR}
    warnings = {
        _field(fault): _sentence(fault) for fault in faults.found if fault.level is FaultLevel.WARNING
    }
    if wish.name in taken_names:
        errors.setdefault("name", "a machine of this name is already there")
    if limits is not None:
        _host_room(wish, limits, errors, warnings)
    return WishFaults(errors, {field: text for field, text in warnings.items() if field not in errors})


def _host_room(
    wish: MachineWish, limits: HostLimits, errors: dict[str, str], warnings: dict[str, str]
) -> None:
    gib = f"{limits.memory_bytes / GIBIBYTE:.1f} GiB"
    if 0 < limits.memory_bytes < wish.memory_bytes:
        errors.setdefault("memory_bytes", f"this host has {gib} in all")
    elif 0 < limits.memory_available_bytes < wish.memory_bytes:
        free = f"{limits.memory_available_bytes / GIBIBYTE:.1f} GiB"
        warnings.setdefault("memory_bytes", f"more than is free now: {free} of {gib}")
    if wish.vcpus > limits.cpus:
        warnings.setdefault("vcpus", f"this host has {limits.cpus}: more only makes it slower")
    if 0 < limits.disk_free_bytes < wish.disk_bytes:
        free = f"{limits.disk_free_bytes / GIBIBYTE:.1f} GiB"
        warnings.setdefault("disk_bytes", f"only {free} are free; the disk grows as it is filled")


def _as_file(wish: MachineWish) -> dict[str, Any]:
    machine: dict[str, Any] = {
        "name": wish.name,
        "vcpus": wish.vcpus,
        "ram_mb": -(-wish.memory_bytes // MEBIBYTE),
        "disk_size_gb": -(-wish.disk_bytes // GIBIBYTE),
        "username": wish.username,
        "uid": wish.uid,
        "base_image": wish.base_image,
    }
    ports = [
        {"guest": port.guest, "host": port.host, "proto": port.protocol, "bind": port.bind}
        for port in wish.ports
    ]
    return {
        "vm": machine,
        "paths": [{"host": share.host, "guest": share.guest} for share in wish.shares],
        "packages": list(wish.packages),
        "services": list(wish.services),
        "ports": ports,
        "post_commands": list(wish.post_commands),
    }


def _field(fault: ConfigFault) -> str:
    parts = re.findall(r"[A-Za-z_]+|\d+", fault.path.removeprefix("vm."))
    return ".".join(_FIELDS.get(part, part) for part in parts)


def _sentence(fault: ConfigFault) -> str:
    return f"{fault.message} ({fault.hint})" if fault.hint else fault.message
