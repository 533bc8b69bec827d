"""The logs of simulated machines, read as if they were files."""

from clonebox_tui.model.problem import Code, problem
from clonebox_tui.providers.protocol import LogChunk
from clonebox_tui.providers.simulated.log import SerialLog
from clonebox_tui.providers.simulated.machine import SimulatedMachine

SOURCES = ("serial", "qemu")


def serial_of(machine: SimulatedMachine, now: float) -> SerialLog:
    """The machine's serial log, begun when first asked for."""
    if machine.serial is None:
        since = machine.started_at if machine.alive else None
        machine.serial = SerialLog(machine.name, machine.persona, machine.chance("log"), since)
    machine.serial.grow(now)
    return machine.serial


def piece_of(machine: SimulatedMachine, now: float, source: str, offset: int, limit_bytes: int) -> LogChunk:
    """Bytes from `offset` (negative: from the end) of one of `SOURCES`; LOG_NOT_FOUND."""
    if source == "serial":
        serial = serial_of(machine, now)
        data, identity = serial.grow(now), f"{machine.uuid}-{serial.generation}"
    elif source == "qemu":
        data, identity = _qemu(machine), f"{machine.uuid}-qemu"
    else:
        raise problem(
            Code.LOG_NOT_FOUND,
            f"{machine.name} has no log {source!r}.",
            next=f"See which logs it has: `clonebox-tui show {machine.name}`.",
        )
    start = max(0, len(data) + offset) if offset < 0 else min(offset, len(data))
    return LogChunk(data[start : start + limit_bytes], start, len(data), identity, now)


def _qemu(machine: SimulatedMachine) -> bytes:
    command = f"/usr/bin/qemu-system-x86_64 -name guest={machine.name} -m {machine.memory_bytes // 1024**2}"
    return f"LC_ALL=C {command} -smp {machine.vcpus} -uuid {machine.uuid}\n".encode()
