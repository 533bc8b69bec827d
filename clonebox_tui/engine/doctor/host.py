"""Room, rights and connection: what of this host a machine stands on."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from clonebox_tui.engine.doctor.tools import OK, PROBLEM, SYSTEM_FOLDERS, WARNING
from clonebox_tui.engine.leftovers import Leftover
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.environment import GIBIBYTE, HostLimits
from clonebox_tui.model.problem import Code
from clonebox_tui.model.rpc import Check

DAEMON, FOLDER, LEFTOVERS = "connection", "folder", "left-overs"
"""Names of the checks that `fix` can put right."""
_NAMED = 6
_ENOUGH_DISK_BYTES = 6 * GIBIBYTE
_LITTLE_DISK_BYTES = 2 * GIBIBYTE
_ENOUGH_MEMORY_BYTES = GIBIBYTE


def connection_check(connection: Connection | None, uri: str) -> Check:
    """Whether the hypervisor answers."""
    if connection is None:
        return Check(DAEMON, PROBLEM, f"{uri} is not among the connections", f"--connect {uri}")
    if connection.link is Link.UP:
        return Check(DAEMON, OK, f"{uri}: {connection.hypervisor or connection.provider}")
    cause = connection.problem
    words = f": {cause.why or cause.what}" if cause else ""
    fix = "start it: systemctl start libvirtd (without systemd: virtlogd -d; libvirtd -d)"
    if cause and cause.next:
        fix = cause.next
    installed = _daemon_installed()
    if not installed and cause and cause.code is Code.CONNECTION_FAILED:
        fix = "apt install libvirt-daemon-system, or clonebox-tui --demo"
    return Check(
        DAEMON,
        PROBLEM,
        f"{uri} does not answer{words}",
        fix,
        "" if installed else "libvirt-daemon-system",
        fixable=installed and may_start_daemon(uri),
    )


def _daemon_installed() -> bool:
    return any(shutil.which(name, path=SYSTEM_FOLDERS) for name in ("libvirtd", "virtqemud"))


def may_start_daemon(uri: str) -> bool:
    """As root on this host, for the system daemon; an ordinary user's session starts by itself."""
    return os.geteuid() == 0 and uri.startswith("qemu:///")


def disk_check(limits: HostLimits, folder: Path) -> Check:
    """Room for images and machines."""
    found = f"{limits.disk_free_bytes / GIBIBYTE:.1f} GiB free for {folder}"
    if limits.disk_free_bytes < _LITTLE_DISK_BYTES:
        return Check("disk", PROBLEM, found, "make room: no clone can be made")
    if limits.disk_free_bytes < _ENOUGH_DISK_BYTES:
        return Check("disk", WARNING, found, "make room: an image and a machine take about 6 GiB")
    return Check("disk", OK, found)


def memory_check(limits: HostLimits) -> Check:
    """Room for a machine's memory."""
    free, total = limits.memory_available_bytes / GIBIBYTE, limits.memory_bytes / GIBIBYTE
    found = f"{free:.1f} of {total:.1f} GiB free, {limits.cpus} CPUs"
    if limits.memory_available_bytes < _ENOUGH_MEMORY_BYTES:
        return Check("memory", WARNING, found, "stop something: a machine wants 1 GiB or more")
    return Check("memory", OK, found)


def folder_check(folder: Path) -> Check:
    """Whether machines' files may be written where they have to lie."""
    if folder.is_dir():
        if os.access(folder, os.W_OK | os.X_OK):
            return Check(FOLDER, OK, str(folder))
        return Check(FOLDER, PROBLEM, f"{folder} may not be written", _rights(folder))
    above = next(parent for parent in folder.parents if parent.is_dir())
    if os.access(above, os.W_OK | os.X_OK):
        return Check(FOLDER, OK, f"{folder} will be made", fixable=True)
    return Check(FOLDER, PROBLEM, f"{folder} cannot be made in {above}", _rights(above))


def leftovers_check(found: Sequence[Leftover]) -> Check:
    """What a crash left; only what is certain to be nobody's is removed by the fix."""
    if not found:
        return Check(LEFTOVERS, OK, "none")
    told = "; ".join(f"{each.path} ({each.why})" for each in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    certain = any(each.removable for each in found)
    fix = "clonebox-tui doctor --fix removes those of jobs that are over" if certain else "look at them"
    return Check(LEFTOVERS, WARNING, f"{len(found)}: {told}{more}", fix, fixable=certain)


def store_check(found: Sequence[Path]) -> Check:
    """Whether damaged stores of jobs and figures were set aside."""
    if not found:
        return Check("store", OK, "whole")
    told = ", ".join(str(path) for path in found[-_NAMED:])
    fix = "remove them once nothing in them is needed"
    return Check("store", WARNING, f"damaged ones were set aside: {told}", fix)


def _rights(folder: Path) -> str:
    return f"use qemu:///session, or become root: {folder} belongs to uid {folder.stat().st_uid}"
