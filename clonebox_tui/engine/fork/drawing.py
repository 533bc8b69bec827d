"""The specs of new machines: the origin's hardware, and nothing of its identity."""

import secrets
import socket
import uuid
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace

from clonebox_tui.engine.clone import blueprint, keys
from clonebox_tui.engine.clone.folder import machine_folder
from clonebox_tui.model.machine import Forward
from clonebox_tui.model.places import Places
from clonebox_tui.model.spec import MachineSpec


def drawn(
    origin: MachineSpec, names: Sequence[str], places: Places, connection: str
) -> tuple[MachineSpec, ...]:
    """One spec a name, with fresh addresses, ports and paths. Live shares are left out: what a fork does
    to a folder of the host would not stay in the fork."""
    wanted = len(origin.forwards) * len(names)
    ports = iter(_free_ports(wanted, {each.host_port for each in origin.forwards}))
    return tuple(
        _drawn(origin, name, machine_folder(places, connection, name), [next(ports) for _ in origin.forwards])
        for name in names
    )


def _drawn(origin: MachineSpec, name: str, folder: Path, ports: Sequence[int]) -> MachineSpec:
    forwards = zip(origin.forwards, ports, strict=True)
    return replace(
        origin,
        name=name,
        uuid=str(uuid.uuid4()),
        mac=blueprint.fresh_mac(),
        disk_path=str(folder / blueprint.DISK),
        seed_path="",
        log_path=str(folder / blueprint.SERIAL_LOG),
        key_path=str(folder / keys.KEY) if origin.key_path else "",
        host_key="",
        shares=(),
        forwards=tuple(Forward(port, one.guest_port, one.bind) for one, port in forwards),
    )


def fresh_machine_id() -> str:
    """What /etc/machine-id holds, machine-id(5)."""
    return secrets.token_hex(16)


def _free_ports(count: int, taken: Collection[int]) -> list[int]:
    """Ports nobody listens on, each once: all are held until all are found."""
    with ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            probe = held.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            if port not in taken:
                found.append(port)
        return found
