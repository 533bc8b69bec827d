"""The one translation from libvirt's errors to ours: by code, and by QEMU's words where codes say nothing."""

import re

import libvirt

from clonebox_tui.model.problem import Code, Problem, ProblemError
from clonebox_tui.providers.libvirt.sockets import moved_to
from clonebox_tui.providers.libvirt.ssh_transport import transport_problem

_CODES: dict[int, Code] = {
    libvirt.VIR_ERR_NO_DOMAIN: Code.MACHINE_NOT_FOUND,
    libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT: Code.SNAPSHOT_NOT_FOUND,
    libvirt.VIR_ERR_DOM_EXIST: Code.NAME_TAKEN,
    libvirt.VIR_ERR_OPERATION_INVALID: Code.WRONG_STATE,
    libvirt.VIR_ERR_NO_SUPPORT: Code.NOT_SUPPORTED,
    libvirt.VIR_ERR_OPERATION_UNSUPPORTED: Code.NOT_SUPPORTED,
    libvirt.VIR_ERR_CONFIG_UNSUPPORTED: Code.NOT_SUPPORTED,
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED: Code.NOT_SUPPORTED,
    libvirt.VIR_ERR_SNAPSHOT_REVERT_RISKY: Code.NOT_SUPPORTED,
    libvirt.VIR_ERR_AGENT_UNRESPONSIVE: Code.AGENT_UNAVAILABLE,
    libvirt.VIR_ERR_AGENT_UNSYNCED: Code.AGENT_UNAVAILABLE,
    libvirt.VIR_ERR_OPERATION_TIMEOUT: Code.TIMED_OUT,
    libvirt.VIR_ERR_RESOURCE_BUSY: Code.MACHINE_BUSY,
    libvirt.VIR_ERR_AUTH_FAILED: Code.PERMISSION_DENIED,
    libvirt.VIR_ERR_AUTH_CANCELLED: Code.PERMISSION_DENIED,
    libvirt.VIR_ERR_AUTH_UNAVAILABLE: Code.PERMISSION_DENIED,
    libvirt.VIR_ERR_ACCESS_DENIED: Code.PERMISSION_DENIED,
    libvirt.VIR_ERR_OPERATION_DENIED: Code.PERMISSION_DENIED,
    libvirt.VIR_ERR_NO_CONNECT: Code.CONNECTION_LOST,
    libvirt.VIR_ERR_INVALID_CONN: Code.CONNECTION_LOST,
    libvirt.VIR_ERR_RPC: Code.CONNECTION_LOST,
}

_WORDS: tuple[tuple[re.Pattern[str], Code], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"cannot check QEMU binary|cannot find suitable emulator|emulator binary|unable to find .*virtiofsd",
         Code.TOOL_MISSING),
        (r"could not set up host forwarding rule|Address already in use", Code.PORT_TAKEN),
        (r"no space left on device|disk quota exceeded", Code.DISK_FULL),
        (r"cannot (set up guest memory|allocate memory)", Code.MEMORY_SHORT),
        (r"non-migratable device: .*fs\b|VirtFS export path", Code.SHARE_BUSY),
        (r"(domain|snapshot|moment) .*already exists", Code.NAME_TAKEN),
        (r"unable to execute QEMU agent command", Code.GUEST_ERROR),
        (r"guest agent.*(not connected|not available|disappeared)|agent is not (connected|responding)",
         Code.AGENT_UNAVAILABLE),
        (r"domain .*(is )?not running|is already (active|running)", Code.WRONG_STATE),
        (r"cannot acquire state change lock", Code.MACHINE_BUSY),
        (r"client socket is closed|connection (reset|refused)|end of file while", Code.CONNECTION_LOST),
        # libvirtd asks polkit about ordinary users, over the system bus.
        (r"permission denied|system bus connection|authentication (failed|unavailable)|polkit|apparmor",
         Code.PERMISSION_DENIED),
    )
)  # fmt: skip

_NEXT: dict[Code, str] = {
    Code.PORT_TAKEN: "Stop the program that listens on that port (`ss -ltnp`), then start the machine again.",
    Code.DISK_FULL: "Make room on the host, or delete snapshots or images that are not needed.",
    Code.MEMORY_SHORT: "Stop another machine, or give this one less memory.",
    Code.MACHINE_BUSY: "Wait until the machine's running operation is done, then try again.",
    Code.AGENT_UNAVAILABLE: "Wait until the guest has booted, or install qemu-guest-agent in it.",
    Code.TIMED_OUT: "Try again; if the guest hangs, kill it and start it anew.",
    Code.CONNECTION_LOST: "Wait: the connection is made again by itself; is libvirtd running?",
    Code.PERMISSION_DENIED: "Let QEMU's user reach the file that is named, or join the group libvirt.",
    Code.SHARE_BUSY: "Unmount the shared folders in the guest first, or stop the machine.",
    Code.NAME_TAKEN: "Choose another name.",
    Code.MACHINE_NOT_FOUND: "List the machines: it may have been deleted elsewhere.",
    Code.WRONG_STATE: "Look at its state with `clonebox-tui list`, and change that first.",
    Code.NOT_SUPPORTED: "See what this host can do: `clonebox-tui doctor`.",
    Code.GUEST_ERROR: "Check that the program and its files are there in the guest.",
    Code.LIBVIRT_ERROR: "QEMU may have said more: `clonebox-tui logs M --source qemu`.",
    Code.SNAPSHOT_NOT_FOUND: "List the snapshots: it may have been deleted elsewhere.",
}

_NEAREST: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"unsupported for storage type",
         "Only qcow2 disks hold snapshots: stop it, convert with `qemu-img convert -O qcow2`, define it so."),
        (r"nothing selected for snapshot|require all disks to be selected",
         "Give it a qcow2 disk: snapshots are kept inside of disks."),
        (r"snapshots of a VM with pflash", "Keep a copy of its disk: stop it, then `qemu-img convert`."),
        (r"external snapshot that has internal|not the same as disk image currently used",
         "Go on with a machine that has none: fork this one while it runs: `clonebox-tui fork`."),
    )
)  # fmt: skip
"""What works instead, by libvirt's words for what does not."""


def code_of(error: libvirt.libvirtError) -> Code:
    """Our code for libvirt's error. QEMU's own words win over codes that only say that something failed."""
    text = message(error)
    number = error.get_error_code()
    if number in (libvirt.VIR_ERR_NO_DOMAIN, libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT):
        return _CODES[number]
    for pattern, code in _WORDS:
        if pattern.search(text):
            return code
    return _CODES.get(number or 0, Code.LIBVIRT_ERROR)


def message(error: libvirt.libvirtError) -> str:
    """libvirt's words."""
    return error.get_error_message() or str(error)


def translate(error: libvirt.libvirtError, what: str) -> ProblemError:
    """`what` failed: the same thing as one of our problems, with libvirt's words as the reason."""
    code = code_of(error)
    return ProblemError(Problem(code, f"{what}.", why=message(error), next=_next(code, message(error))))


def _next(code: Code, text: str) -> str:
    words = text.lower()
    if code is Code.TOOL_MISSING:
        package = "qemu-system-common" if "virtiofsd" in words else "qemu-system-x86"
        return f"Install the Debian package {package}: `apt install {package}`."
    if "apparmor" in words:
        return "Keep the machine's files where libvirt keeps images, or let its AppArmor profile reach them."
    return next((instead for pattern, instead in _NEAREST if pattern.search(text)), _NEXT[code])


def connection_problem(error: libvirt.libvirtError, uri: str) -> Problem:
    """Why a connection could not be opened, and what to do about it. Blocks where ssh has to be asked."""
    text = message(error)
    refused = transport_problem(text, uri)
    if refused is not None:
        return refused
    denied = code_of(error) is Code.PERMISSION_DENIED
    return Problem(
        Code.PERMISSION_DENIED if denied else Code.CONNECTION_FAILED,
        f"{uri} cannot be reached.",
        why=text,
        next=_connection_next(uri, text, denied),
    )


def _connection_next(uri: str, text: str, denied: bool) -> str:
    if denied:
        return "Become a member of the group libvirt (`sudo adduser $USER libvirt`, log in again) or use qemu:///session."
    if uri.startswith("test:"):
        return "Check the file that the URI names."
    if "ssh" in uri.partition(":")[0]:
        return "Check that `ssh` reaches that host and that libvirt runs there."
    if "unable to connect to server" in text or "socket" in text:
        start = "Start libvirt: `systemctl start libvirtd`, or without systemd `virtlogd -d; libvirtd -d`."
        moved = moved_to(uri)
        return f"Use `--connect '{moved}'`: libvirt answers there by now. Or: {start}" if moved else start
    return "Run `clonebox-tui doctor`."
