"""What there is to say about a simulated machine in full, and how its provider does things."""

import msgspec

from clonebox_tui.model.environment import GIBIBYTE
from clonebox_tui.model.machine import Disk, MachineDetails
from clonebox_tui.providers.protocol import Call
from clonebox_tui.providers.simulated.logs import SOURCES
from clonebox_tui.providers.simulated.machine import SimulatedMachine

_VIRSH = {
    "start": "virsh start {name}",
    "ask_to_stop": "virsh shutdown {name} --mode {argument}",
    "ask_to_reboot": "virsh reboot {name} --mode {argument}",
    "kill": "virsh destroy {name}",
    "pause": "virsh suspend {name}",
    "resume": "virsh resume {name}",
    "define": "virsh define {name}.xml --validate",
    "undefine": "virsh undefine {name} --snapshots-metadata --managed-save",
    "set_aside": "virsh undefine {name} --snapshots-metadata --managed-save --keep-nvram",
    "put_back": "virsh define {name}.xml",
    "create_snapshot": "virsh snapshot-create-as {name} {argument}",
    "restore_snapshot": "virsh snapshot-revert {name} {argument}",
    "delete_snapshot": "virsh snapshot-delete {name} {argument}",
    "delete_snapshot:children": "virsh snapshot-delete {name} {argument} --children",
    "write_labels": "virsh metadata {name} urn:clonebox-tui:labels:1 --edit --config",
    "eject_seed": "virsh change-media {name} sda --eject",
}


def address_of(machine: SimulatedMachine) -> str:
    """Its IPv4 address, of the kind QEMU's own network gives."""
    return f"10.0.2.{15 + machine.seed % 200}"


def mac_of(machine: SimulatedMachine) -> str:
    """Its MAC address: the spec's, else one of QEMU's range made of the UUID."""
    if machine.spec is not None:
        return machine.spec.mac
    digits = machine.uuid.replace("-", "")[-6:]
    return f"52:54:00:{digits[:2]}:{digits[2:4]}:{digits[4:]}"


def details_of(machine: SimulatedMachine) -> MachineDetails:
    """The machine in full."""
    spec = machine.spec
    path = spec.disk_path if spec else f"/simulated/{machine.name}.qcow2"
    used = machine.chance("disk").randrange(2, 18) * GIBIBYTE // 2
    disk = Disk("vda", path, "qcow2", 20 * GIBIBYTE, used)
    return MachineDetails(
        machine=machine.public(),
        addresses=(address_of(machine),) if machine.alive else (),
        disks=(disk,),
        shares=spec.shares if spec else (),
        forwards=spec.forwards if spec else (),
        networks=(f"user, {mac_of(machine)}",),
        user=spec.user if spec else "dev",
        image=spec.image if spec else "debian-12",
        folder=spec.folder if spec else "",
        packages=spec.packages if spec else (),
        services=spec.services if spec else (),
        ports=spec.ports if spec else (),
        log_sources=SOURCES,
        accelerator=spec.accelerator if spec else "kvm",
        definition=_definition(machine),
    )


def _definition(machine: SimulatedMachine) -> str:
    if machine.spec is not None:
        return msgspec.json.format(msgspec.json.encode(machine.spec), indent=2).decode()
    return (
        f"<domain type='simulated'>\n  <name>{machine.name}</name>\n  <uuid>{machine.uuid}</uuid>\n"
        f"  <vcpu>{machine.vcpus}</vcpu>\n  <memory unit='b'>{machine.memory_bytes}</memory>\n</domain>\n"
    )


def explain(operation: str, name: str, argument: str) -> Call:
    """The simulation's own call, and what virsh would do to a real machine."""
    values = ", ".join(repr(value) for value in (name, argument) if value)
    equivalent = _VIRSH.get(operation, "").format(name=name, argument=argument or "agent")
    return Call(f"simulation.{operation}({values})", equivalent)
