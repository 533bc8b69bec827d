"""Micro machines under the real libvirtd: define, start, wait for the agent, remove without a trace."""

import time
import uuid
from pathlib import Path
from xml.sax.saxutils import escape

import libvirt

from tests.guests.micro import MicroGuest

# Forty times what was measured under emulation: several busy guests may share two cores with it.
AGENT_TIMEOUT_SECONDS = 240.0
_REMOVE_EVERYTHING = (
    libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
    | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
)

_XML = """<domain type='qemu'>
  <name>{name}</name>
  <memory unit='MiB'>{memory_mib}</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>{kernel}</kernel>
    <initrd>{initrd}</initrd>
    <cmdline>{command_line}</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='maximum'/>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    {disk}
    <interface type='user'><model type='virtio'/></interface>
    <serial type='pty'>{log}<target port='0'/></serial>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <memballoon model='virtio'><stats period='2'/></memballoon>
    {devices}
  </devices>
</domain>"""
_DISK = (
    "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
    "<source file='{path}'/><target dev='vda' bus='virtio'/></disk>"
)


def unique_name(prefix: str = "cbx-test") -> str:
    """A machine name no other test or test process uses."""
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def micro_xml(
    guest: MicroGuest,
    name: str,
    *,
    disk: Path | None = None,
    log: Path | None = None,
    switches: str = "",
    devices: str = "",
    memory_mib: int = 192,
) -> str:
    """Domain XML of a micro machine. `switches` go to the kernel's line, `devices` is XML as it stands."""
    return _XML.format(
        name=escape(name),
        memory_mib=memory_mib,
        kernel=escape(str(guest.kernel)),
        initrd=escape(str(guest.initrd)),
        command_line=escape(f"{guest.command_line} {switches}".strip()),
        disk=_DISK.format(path=escape(str(disk))) if disk else "",
        log=f"<log file='{escape(str(log))}' append='off'/>" if log else "",
        devices=devices,
    )


def agent_answers(domain: libvirt.virDomain) -> bool:
    """Whether the agent is there (libvirt knows by the channel's state, nothing is asked of the guest)."""
    return "name='org.qemu.guest_agent.0' state='connected'" in domain.XMLDesc()


def wait_for_agent(domain: libvirt.virDomain, timeout_seconds: float = AGENT_TIMEOUT_SECONDS) -> float:
    """Wait until the agent is connected; how long it took, in seconds. Raises TimeoutError."""
    start = time.monotonic()
    while time.monotonic() - start < timeout_seconds:
        if agent_answers(domain):
            return time.monotonic() - start
        time.sleep(0.1)
    raise TimeoutError(f"the agent of {domain.name()} did not come within {timeout_seconds:.0f} s")


def boot(domain: libvirt.virDomain) -> None:
    """Start it and wait for its agent.

    A kernel measures its clocks against one another as it starts; emulated on a host that stalls meanwhile
    it may get them wrong and stand still: then it starts once more.
    """
    domain.create()
    try:
        wait_for_agent(domain, AGENT_TIMEOUT_SECONDS / 2)
    except TimeoutError:
        domain.reset()
        wait_for_agent(domain)


def remove(connection: libvirt.virConnect, name: str) -> None:
    """Kill and undefine the machine `name` with all libvirt keeps about it; absent is fine. Disks stay."""
    try:
        domain = connection.lookupByName(name)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return
        raise
    persistent = domain.isPersistent()
    if domain.isActive():
        domain.destroy()
    if persistent:
        domain.undefineFlags(_REMOVE_EVERYTHING)
