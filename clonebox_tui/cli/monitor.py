"""`monitor`: live figures of machines, a table a second or one JSON document a second."""

import asyncio
import time

import click

from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.output import document, emit, json_option, size, table, when, write_json
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client, Event
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.rpc import FleetChanged, Samples, Watch
from clonebox_tui.model.sample import Reading

_INTERVAL_SECONDS = 1.0
_FIRST_RATES_SECONDS = 2.2
"""Rates lie between two ticks of the worker: so long until all are of this moment."""
_RATES = ("disk_read_rate", "disk_write_rate", "net_rx_rate", "net_tx_rate")


@click.command(short_help="Live figures of machines.")
@click.argument("machine", metavar="[M]", required=False, type=MACHINE)
@click.option("--samples", type=click.IntRange(1), metavar="N", help="Stop after N samples.")
@json_option
@command
async def monitor(session: Session, machine: str | None, samples: int | None, as_json: bool) -> None:
    """Show CPU, memory, disk and network of M, or of all machines, once a second.

    CPU is in percent of the machine's own processors, rates are a second. With --json and --samples one
    document at the end; with --json alone one document a second, until ctrl+c.
    """
    async with session.client() as client:
        fleet = await session.fleet(client)
        machines = (session.find(fleet, machine),) if machine else fleet.machines
        board = Board(client, machines)
        await client.watch(Watch(samples=True, detail=tuple(each.id for each in machines)))
        await asyncio.sleep(_FIRST_RATES_SECONDS)
        kept: list[object] = []
        while True:
            sample = board.sample()
            if not as_json:
                _print(sample)
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

    def __init__(self, client: Client, machines: tuple[Machine, ...]) -> None:
        self._machines = {each.id: each for each in machines}
        self._readings: dict[str, Reading] = {}
        client.listen(self._hear)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Samples):
            self._readings.update({each.id: each for each in event.readings})
        elif isinstance(event, FleetChanged):
            self._machines.update({each.id: each for each in event.machines if each.id in self._machines})
            for gone in event.removed:
                self._machines.pop(gone, None)

    def sample(self) -> dict[str, object]:
        """All figures at this moment."""
        machines = sorted(self._machines.values(), key=lambda each: (each.connection, each.name))
        return {"time": time.time(), "machines": [self._figures(each) for each in machines]}

    def _figures(self, machine: Machine) -> dict[str, object]:
        reading = self._readings.get(machine.id, Reading(machine.id))
        figures = {name: getattr(reading, name) for name in reading.__struct_fields__}
        return {"name": machine.name, "state": machine.state.value, **figures}


def _print(sample: dict[str, object]) -> None:
    moment, machines = sample["time"], sample["machines"]
    assert isinstance(moment, float)  # noqa: S101 made above
    assert isinstance(machines, list)  # noqa: S101 made above
    click.echo(when(moment))
    table(
        ("NAME", "STATE", "CPU %>", "MEMORY>", "READ>", "WRITE>", "RX>", "TX>"),
        (
            (
                str(each["name"]),
                str(each["state"]),
                "-" if each["cpu_percent"] is None else f"{each['cpu_percent']:.1f}",
                size(each["memory_used_bytes"]),
                *(size(each[name]) for name in _RATES),
            )
            for each in machines
        ),
    )
    click.echo()
