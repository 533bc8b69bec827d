"""From a wish to a spec: everything that is chosen for a machine before anything is made."""

import secrets
import socket
import uuid
from collections.abc import Collection
from pathlib import Path

from clonebox_tui.engine.clone.base import Base
from clonebox_tui.engine.clone.shares import driver_for, shares_of
from clonebox_tui.model.environment import MachineWish, NetworkMode
from clonebox_tui.model.machine import Forward
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.spec import MachineSpec

DISK = "disk.qcow2"
SEED = "seed.iso"
SERIAL_LOG = "serial.log"
SSH_PORT = 22
_QEMU_PREFIX = "52:54:00"
"""The locally administered prefix QEMU uses, so that a person recognises a virtual interface."""


def draw(
    wish: MachineWish,
    base: Base,
    folder: Path,
    accelerator: str,
    capabilities: Collection[str],
    source_folder: str = "",
) -> MachineSpec:
    """A spec with fresh identity and ports; nothing is touched. PORT_TAKEN, NOT_SUPPORTED."""
    user_network = wish.network is not NetworkMode.DEFAULT
    return MachineSpec(
        name=wish.name,
        uuid=str(uuid.uuid4()),
        vcpus=wish.vcpus,
        memory_bytes=wish.memory_bytes,
        accelerator=accelerator,
        disk_path=str(folder / DISK),
        mac=fresh_mac(),
        seed_path=str(folder / SEED),
        boot=base.boot,
        network="user" if user_network else "default",
        forwards=_forwards(wish) if user_network else (),
        shares=shares_of(wish.shares, driver_for(capabilities)) if wish.shares else (),
        log_path=str(folder / SERIAL_LOG),
        user=wish.username,
        uid=wish.uid,
        image=base.name,
        folder=source_folder,
        packages=wish.packages,
        services=wish.services,
        ports=ports_to_check(wish),
    )


def fresh_mac() -> str:
    """A random MAC address with QEMU's prefix."""
    tail = ":".join(f"{byte:02x}" for byte in secrets.token_bytes(3))
    return f"{_QEMU_PREFIX}:{tail}"


def ports_to_check(wish: MachineWish) -> tuple[int, ...]:
    """TCP ports that must answer in the guest, each once."""
    return tuple(dict.fromkeys(port.guest for port in wish.ports if port.protocol == "tcp"))


def ssh_port(spec: MachineSpec) -> int | None:
    """The loopback port that leads to the guest's SSH; None without a user-mode network."""
    return next((one.host_port for one in spec.forwards if one.guest_port == SSH_PORT), None)


def refuse_taken_ports(wish: MachineWish) -> None:
    """PORT_TAKEN when something listens already where a forward is wished."""
    for port in wish.ports:
        if port.host is not None and port.protocol == "tcp" and not _is_free(port.bind, port.host):
            raise problem(
                Code.PORT_TAKEN,
                f"The port {port.host} of {port.bind} is taken on this host.",
                why="Another program listens there, or it may not be used.",
                next="Choose another `host` port for it in the project file.",
            )


def _forwards(wish: MachineWish) -> tuple[Forward, ...]:
    wished = [
        Forward(port.host, port.guest, port.bind)
        for port in wish.ports
        if port.host is not None and port.protocol == "tcp"
    ]
    if any(one.guest_port == SSH_PORT for one in wished):
        return tuple(wished)
    return (Forward(_free_port(), SSH_PORT), *wished)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(bind: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError:
            return False
    return True
