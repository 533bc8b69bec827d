"""`monitor`: live figures of machines or of their hosts, a table a second or one JSON document a second."""

import asyncio
import time

import click
import msgspec

from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.output import document, emit, json_option, size, table, when, write_json
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client, Event
from clonebox_tui.model.connection import HostReading
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import FleetChanged, Samples, Watch
from clonebox_tui.model.sample import Reading

_INTERVAL_SECONDS = 1.0
_FIRST_RATES_SECONDS = 2.2
"""Rates lie between two ticks of the worker: so long until all are of this moment."""
_HOST_SECONDS = 3.0
"""A worker that has just begun reads the host's disk and network a little later; some never tell."""
_RATES = ("disk_read_rate", "disk_write_rate", "net_rx_rate", "net_tx_rate")


@click.command(short_help="Live figures of machines, or of the host.")
@click.argument("machine", metavar="[M]", required=False, type=MACHINE)
@click.option("--host", is_flag=True, help="The figures of each connection's host instead.")
@click.option("--samples", type=click.IntRange(1), metavar="N", help="Stop after N samples.")
@json_option
@command
async def monitor(
    session: Session, machine: str | None, host: bool, samples: int | None, as_json: bool
) -> None:
    """Show CPU, memory, disk and network of M, or of all machines, once a second.

    With --host: the same of the host of each connection. Disk and network of a remote host are not offered.

    CPU is in percent of the machine's (or host's) own processors, rates are a second. With --json and
    --samples one document at the end; with --json alone one document a second, until ctrl+c.
    """
    if machine and host:
        raise problem(Code.USAGE, "--host is about hosts.", next="Leave out the machine, or --host.")
    async with session.client() as client:
        fleet = await session.fleet(client)
        machines = (session.find(fleet, machine),) if machine else fleet.machines
        board = Board(client, machines, tuple(each.uri for each in fleet.connections))
        detail = () if host else tuple(each.id for each in machines)
        await client.watch(Watch(samples=True, detail=detail))
        await asyncio.sleep(_FIRST_RATES_SECONDS)
        if host:
            await board.hosts_known()
        kept: list[object] = []
        while True:
            sample = board.hosts() if host else board.sample()
            if not as_json:
                _print_hosts(sample) if host else _print(sample)
            elif samples is None:
                write_json(document(sample))
            kept = [*kept, sample] if samples else []
            if len(kept) == samples:
                break
            await asyncio.sleep(_INTERVAL_SECONDS)
    if as_json:
        emit("samples", kept)


class Board:
    """The newest state and reading of each machine (a frame holds only what changed)."""

    def __init__(self, client: Client, machines: tuple[Machine, ...], connections: tuple[str, ...]) -> None:
        self._connections = connections
        self._hosts: dict[str, HostReading] = {}
        self._machines = {each.id: each for each in machines}
        self._readings: dict[str, Reading] = {}
        client.listen(self._hear)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Samples):
            self._readings.update({each.id: each for each in event.readings})
            self._hosts.update({each.connection: each for each in event.hosts})
        elif isinstance(event, FleetChanged):
            self._machines.update({each.id: each for each in event.machines if each.id in self._machines})
            for gone in event.removed:
                self._machines.pop(gone, None)

    def sample(self) -> dict[str, object]:
        """All figures at this moment."""
        machines = sorted(self._machines.values(), key=lambda each: (each.connection, each.name))
        return {"time": time.time(), "machines": [self._figures(each) for each in machines]}

    async def hosts_known(self) -> None:
        """Wait a while for what each host has to tell."""
        for _ in range(int(_HOST_SECONDS / 0.1)):
            if all(
                self._hosts.get(uri, _unknown(uri)).disk_read_rate is not None for uri in self._connections
            ):
                return
            await asyncio.sleep(0.1)

    def hosts(self) -> dict[str, object]:
        """All figures of the hosts at this moment; None: not offered by the connection."""
        rows = [self._hosts.get(uri, _unknown(uri)) for uri in self._connections]
        return {"time": time.time(), "hosts": [msgspec.structs.asdict(row) for row in rows]}

    def _figures(self, machine: Machine) -> dict[str, object]:
        reading = self._readings.get(machine.id, Reading(machine.id))
        figures = {name: getattr(reading, name) for name in reading.__struct_fields__}
        return {"name": machine.name, "state": machine.state.value, **figures}


def _unknown(uri: str) -> HostReading:
    return HostReading(uri, None, None, None)


def _print(sample: dict[str, object]) -> None:
    _print_table(sample, "machines", ("NAME", "STATE"), ("name", "state"))


def _print_hosts(sample: dict[str, object]) -> None:
    _print_table(sample, "hosts", ("CONNECTION",), ("connection",))


def _print_table(
    sample: dict[str, object], kind: str, titles: tuple[str, ...], names: tuple[str, ...]
) -> None:
    moment, rows = sample["time"], sample[kind]
    assert isinstance(moment, float)  # noqa: S101 made above
    assert isinstance(rows, list)  # noqa: S101 made above
    click.echo(when(moment))
    table(
        (*titles, "CPU %>", "MEMORY>", "READ>", "WRITE>", "RX>", "TX>"),
        (
            (
                *(str(each[name]) for name in names),
                "-" if each["cpu_percent"] is None else f"{each['cpu_percent']:.1f}",
                size(each["memory_used_bytes"]),
                *(size(each[name]) for name in _RATES),
            )
            for each in rows
        ),
    )
    click.echo()
