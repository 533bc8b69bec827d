"""Starting, stopping and the rest of a domain's life."""

import time

import libvirt

_SETTLING_SECONDS = 0.1
_STOP = {
    "agent": libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,
    "acpi": libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN,
}
_REBOOT = {
    "agent": libvirt.VIR_DOMAIN_REBOOT_GUEST_AGENT,
    "acpi": libvirt.VIR_DOMAIN_REBOOT_ACPI_POWER_BTN,
}
UNDEFINE_FLAGS = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
)
_SET_ASIDE_FLAGS = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_KEEP_TPM
)
# Drivers without NVRAM and checkpoints (test:///) refuse their flags.
_UNDEFINE_FLAGS_SMALL = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
)


def start(domain: libvirt.virDomain) -> None:
    """Boot, or resume from managed save."""
    domain.create()


def ask_to_stop(domain: libvirt.virDomain, mode: str) -> None:
    """Ask the guest to power off; a driver that knows no modes is asked its own way."""
    try:
        domain.shutdownFlags(_STOP[mode])
    except libvirt.libvirtError as error:
        if not _flags_unknown(error):
            raise
        domain.shutdown()


def ask_to_reboot(domain: libvirt.virDomain, mode: str) -> None:
    """Ask the guest to reboot; a driver that knows no modes is asked its own way."""
    try:
        domain.reboot(_REBOOT[mode])
    except libvirt.libvirtError as error:
        if not _flags_unknown(error):
            raise
        domain.reboot(0)


def kill(domain: libvirt.virDomain) -> None:
    """Pull the plug."""
    domain.destroy()


def pause(domain: libvirt.virDomain) -> None:
    """Freeze the vCPUs."""
    domain.suspend()


def resume(domain: libvirt.virDomain) -> None:
    """Thaw the vCPUs."""
    domain.resume()


def undefine(domain: libvirt.virDomain) -> None:
    """Forget the domain and what libvirt keeps about it; its disks stay."""
    _undefine(domain, UNDEFINE_FLAGS)


def set_aside(domain: libvirt.virDomain) -> None:
    """Forget the domain; its disks, its NVRAM and its TPM stay."""
    _undefine(domain, _SET_ASIDE_FLAGS)


def _undefine(domain: libvirt.virDomain, flags: int) -> None:
    try:
        domain.undefineFlags(flags)
    except libvirt.libvirtError as error:
        if not _flags_unknown(error):
            raise
        domain.undefineFlags(_UNDEFINE_FLAGS_SMALL)


def settle(domain: libvirt.virDomain) -> None:
    """Wait until no job holds the domain."""
    while _is_busy(domain):
        time.sleep(_SETTLING_SECONDS)


def _is_busy(domain: libvirt.virDomain) -> bool:
    """Whether a job (a snapshot, a restore …) holds the domain; drivers without jobs never are."""
    try:
        return bool(domain.jobInfo()[0] != libvirt.VIR_DOMAIN_JOB_NONE)
    except libvirt.libvirtError as error:
        if error.get_error_code() in (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_OPERATION_INVALID):
            return False
        raise


def _flags_unknown(error: libvirt.libvirtError) -> bool:
    if error.get_error_code() not in (libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED):
        return False
    return "unsupported flags" in (error.get_error_message() or "")
