"""Says how each operation is done with libvirt: the exact call, and the line a person could type."""

import shlex
from collections.abc import Mapping

from clonebox_tui.providers.protocol import Call

_UNDEFINE = "MANAGED_SAVE | SNAPSHOTS_METADATA | NVRAM | CHECKPOINTS_METADATA"
_CALLS: Mapping[str, tuple[str, str]] = {
    "start": ("virDomainCreate()", "start {m}"),
    "ask_to_stop:agent": ("virDomainShutdownFlags(GUEST_AGENT)", "shutdown {m} --mode agent"),
    "ask_to_stop:acpi": ("virDomainShutdownFlags(ACPI_POWER_BTN)", "shutdown {m} --mode acpi"),
    "ask_to_reboot:agent": ("virDomainReboot(GUEST_AGENT)", "reboot {m} --mode agent"),
    "ask_to_reboot:acpi": ("virDomainReboot(ACPI_POWER_BTN)", "reboot {m} --mode acpi"),
    "ask_to_stop": (
        "virDomainShutdownFlags(GUEST_AGENT, else ACPI_POWER_BTN)",
        "shutdown {m} --mode agent,acpi",
    ),
    "ask_to_reboot": ("virDomainReboot(GUEST_AGENT, else ACPI_POWER_BTN)", "reboot {m} --mode agent,acpi"),
    "kill": ("virDomainDestroy()", "destroy {m}"),
    "pause": ("virDomainSuspend()", "suspend {m}"),
    "resume": ("virDomainResume()", "resume {m}"),
    "define": ("virDomainDefineXMLFlags(VALIDATE)", "define {m}.xml --validate"),
    "undefine": (
        f"virDomainUndefineFlags({_UNDEFINE})",
        "undefine {m} --managed-save --snapshots-metadata --nvram --checkpoints-metadata",
    ),
    "set_aside": (
        "virDomainUndefineFlags(MANAGED_SAVE | SNAPSHOTS_METADATA | KEEP_NVRAM | KEEP_TPM)",
        "undefine {m} --managed-save --snapshots-metadata --keep-nvram --keep-tpm",
    ),
    "put_back": (
        "virDomainDefineXML(), virDomainSnapshotCreateXML(REDEFINE)",
        "define {m}.xml",
    ),
    "eject_seed": (
        "virDomainUpdateDeviceFlags(LIVE | FORCE), virDomainDetachDeviceFlags(CONFIG)",
        "change-media {m} sda --eject --force --live",
    ),
    "create_snapshot": ("virDomainSnapshotCreateXML(flags=0)", "snapshot-create-as {m} --name {a}"),
    "restore_snapshot": ("virDomainRevertToSnapshot(flags=0)", "snapshot-revert {m} {a}"),
    "delete_snapshot": ("virDomainSnapshotDelete(flags=0)", "snapshot-delete {m} {a}"),
    "delete_snapshot:children": (
        "virDomainSnapshotDelete(CHILDREN)",
        "snapshot-delete {m} {a} --children",
    ),
    "begin_copy": ("virDomainBackupBegin(push)", "backup-begin {m} copy.xml"),
    "detach_share": ("virDomainDetachDeviceFlags(LIVE)", "detach-device {m} share.xml --live"),
    "attach_share": ("virDomainAttachDeviceFlags(LIVE)", "attach-device {m} share.xml --live"),
    "agent": ("virDomainQemuAgentCommand({a})", "qemu-agent-command {m} {a}"),
}


def explain(uri: str, operation: str, machine: str, argument: str) -> Call:
    """`operation` is a method of the provider; for two ways of doing it, `argument` (or a suffix
    `:children`) says which. An operation without a call of its own is explained by nothing."""
    call, line = _CALLS.get(f"{operation}:{argument}") or _CALLS.get(operation) or ("", "")
    if not call:
        return Call("")
    words = line.format(m=shlex.quote(machine), a=shlex.quote(argument))
    return Call(call.format(a=argument), f"virsh -c {shlex.quote(uri)} {words}")
