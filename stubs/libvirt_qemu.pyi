# QEMU's own doors in libvirt: the guest agent and the monitor.

from collections.abc import Callable
from typing import IO, Any, Final, TypeVar

from libvirt import virConnect, virDomain

_T = TypeVar("_T")

VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK: Final[int]
VIR_DOMAIN_QEMU_AGENT_COMMAND_DEFAULT: Final[int]
VIR_DOMAIN_QEMU_AGENT_COMMAND_NOWAIT: Final[int]
VIR_DOMAIN_QEMU_AGENT_COMMAND_SHUTDOWN: Final[int]
VIR_DOMAIN_QEMU_MONITOR_COMMAND_DEFAULT: Final[int]
VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP: Final[int]

def qemuAgentCommand(domain: virDomain, cmd: str, timeout: int, flags: int) -> str: ...
def qemuMonitorCommand(domain: virDomain, cmd: str, flags: int) -> str: ...
def qemuMonitorCommandWithFiles(
    domain: virDomain, cmd: str, files: list[int] = ..., flags: int = 0
) -> tuple[str, list[IO[Any]]]: ...
def qemuAttach(conn: virConnect, pid_value: int, flags: int = 0) -> virDomain: ...
def qemuMonitorEventRegister(
    conn: virConnect,
    dom: virDomain | None,
    event: str | None,
    cb: Callable[[virConnect, virDomain, str, int, int, str | None, _T], None],
    opaque: _T,
    flags: int = 0,
) -> int: ...
def qemuMonitorEventDeregister(conn: virConnect, callbackID: int) -> None: ...
