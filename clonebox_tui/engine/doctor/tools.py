"""Programs and modules that machines need, and the Debian package that brings each."""

import importlib.util
import os
import shutil
from pathlib import Path

import msgspec

from clonebox_tui.model.rpc import Check

OK, WARNING, PROBLEM = "ok", "warning", "problem"
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/qemu:/usr/libexec"


class Tool(msgspec.Struct, frozen=True):
    """A program: what it is for, and how bad it is without it."""

    program: str
    package: str
    purpose: str
    without: str = PROBLEM
    only_users: bool = False
    """Root does without it."""


TOOLS = (
    Tool("qemu-system-x86_64", "qemu-system-x86", "runs machines"),
    Tool("qemu-img", "qemu-utils", "makes and reads disks"),
    Tool("ssh", "openssh-client", "enters machines", WARNING),
    Tool("mmdebstrap", "mmdebstrap", "builds the base image; one can be imported instead", WARNING),
    Tool("mke2fs", "e2fsprogs", "builds the base image; one can be imported instead", WARNING),
    Tool("newuidmap", "uidmap", "lets an ordinary user build the base image", WARNING, only_users=True),
    Tool("fakeroot", "fakeroot", "keeps owners while an ordinary user builds it", WARNING, only_users=True),
    Tool("virtiofsd", "qemu-system-common", "shares folders; 9p is slower", WARNING),
)


def tool_checks() -> list[Check]:
    """One check a program."""
    root = os.geteuid() == 0
    return [_check(tool) for tool in TOOLS if not (root and tool.only_users)]


def module_check() -> Check:
    """libvirt's Python module."""
    name = "libvirt module"
    if not all(_can_be_found(part) for part in ("libvirt", "libvirtmod")):
        return Check(name, PROBLEM, "not installed", "run `make install`", "libvirt-dev")
    return Check(name, OK, "installed")


def _can_be_found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _check(tool: Tool) -> Check:
    found = shutil.which(tool.program) or shutil.which(tool.program, path=SYSTEM_FOLDERS)
    if found:
        return Check(tool.program, OK, str(Path(found)))
    fix = f"apt install {tool.package}"
    return Check(tool.program, tool.without, f"not found: {tool.purpose}", fix, tool.package)
