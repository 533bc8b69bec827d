"""Logs of a machine that lie in files of this host: its serial console and what QEMU itself said."""

import os
from pathlib import Path

from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.libvirt import metadata
from clonebox_tui.providers.libvirt.xml import Element, attribute
from clonebox_tui.providers.log_file import read

__all__ = ["path_of", "read", "sources"]

SERIAL = "serial"
QEMU = "qemu"


def sources(tree: Element, machine: Machine) -> tuple[str, ...]:
    """The logs this machine has; only local QEMU connections have any that we can read."""
    if not machine.connection.startswith("qemu:///"):
        return ()
    return (SERIAL, QEMU) if _serial_path(tree) else (QEMU,)


def path_of(tree: Element, machine: Machine, source: str) -> Path:
    """The file of a source. LOG_NOT_FOUND when the machine has no such log."""
    available = sources(tree, machine)
    if source not in available:
        raise problem(
            Code.LOG_NOT_FOUND,
            f"{machine.name} has no log {source!r}.",
            why="" if available else "Its connection keeps no logs on this host.",
            next=f"See which logs it has: `clonebox-tui show {machine.name}`.",
        )
    return Path(_serial_path(tree)) if source == SERIAL else _qemu_log(machine)


def _serial_path(tree: Element) -> str:
    spec = metadata.read(tree)
    return (spec.log_path if spec else "") or attribute(tree, "devices/serial/log", "file")


def _qemu_log(machine: Machine) -> Path:
    if machine.connection.endswith("/system") or os.geteuid() == 0:
        return Path("/var/log/libvirt/qemu") / f"{machine.name}.log"
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "libvirt" / "qemu" / "log" / f"{machine.name}.log"
