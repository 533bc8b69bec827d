"""A machine's network: QEMU's own user-mode network with loopback forwards, or one of libvirt's networks.

User mode is put on QEMU's command line, not into `<interface type='user'>`: libvirt 9 cannot write
`hostfwd` there, and adding it by the monitor would be lost when somebody starts the machine by virsh.
libvirt has no counters for either; the guest's agent has.
"""

import ipaddress
import re

from clonebox_tui.model.machine import Forward
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.spec import MachineSpec
from clonebox_tui.providers.libvirt.xml import QEMU_NAMESPACE, Element, element

USER = "user"
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)
# libvirt fills q35's root bus from slot 1 up; a fixed high one never collides and never moves.
_SLOT = "0x10"


def interface(spec: MachineSpec, test_driver: bool) -> Element | None:
    """The interface libvirt knows of; None in user mode."""
    if spec.network == USER and not test_driver:
        return None
    return element(
        "interface",
        element("mac", address=_checked_mac(spec.mac)),
        element("source", network="default" if spec.network == USER else spec.network),
        element("model", type="virtio"),
        type="network",
    )


def command_line(spec: MachineSpec) -> Element | None:
    """QEMU's own arguments for the user-mode network; None for libvirt's networks."""
    if spec.network != USER:
        return None
    backend = ["user", "id=clonebox0", *(f"hostfwd={_rule(forward)}" for forward in spec.forwards)]
    # No boot ROM: nothing boots from the network, and it costs time.
    device = ["virtio-net-pci", "netdev=clonebox0", f"mac={_checked_mac(spec.mac)}", "bus=pcie.0"]
    arguments = ("-netdev", ",".join(backend), "-device", ",".join([*device, f"addr={_SLOT}", "romfile="]))
    name = f"{{{QEMU_NAMESPACE}}}"
    return element(f"{name}commandline", *(element(f"{name}arg", value=value) for value in arguments))


def _rule(forward: Forward) -> str:
    """`tcp:127.0.0.1:2222-:22`; checked, since a comma would begin another option of QEMU's."""
    try:
        address = ipaddress.IPv4Address(forward.bind)
    except ValueError:
        raise problem(
            Code.CONFIG_INVALID,
            f"A forward cannot listen on {forward.bind!r}.",
            why="QEMU's user network forwards from IPv4 addresses of the host only",
            next="Use 127.0.0.1 (this host alone) or 0.0.0.0 (everybody).",
        ) from None
    return f"tcp:{address}:{int(forward.host_port)}-:{int(forward.guest_port)}"


def _checked_mac(mac: str) -> str:
    if not _MAC.fullmatch(mac):
        raise problem(
            Code.CONFIG_INVALID, f"{mac!r} is no MAC address.", next="Use one like 52:54:00:12:34:56"
        )
    return mac
