"""`monitor`: live figures of machines, a table a tick or one JSON document a tick."""

import asyncio
import time

import click

from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.output import document, emit, json_option, size, table, write_json
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client, Event
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.rpc import Samples, Watch
from clonebox_tui.model.sample import Reading

_RATES = ("disk_read_rate", "disk_write_rate", "net_rx_rate", "net_tx_rate")


@click.command(short_help="Live figures of machines.")
@click.argument("machine", metavar="[M]", required=False, type=MACHINE)
@click.option("--samples", type=click.IntRange(1), metavar="N", help="Stop after N ticks.")
@json_option
@command
async def monitor(session: Session, machine: str | None, samples: int | None, as_json: bool) -> None:
    """Show CPU, memory, disk and network of M, or of all machines, once a second.

    With --json and --samples one document at the end; with --json alone one document a tick.
    """
    async with session.client() as client:
        fleet = await session.fleet(client)
        machines = (session.find(fleet, machine),) if machine else fleet.machines
        watched = {each.id: each for each in machines}
        kept: list[object] = []
        ticks = Ticks(client)
        await client.watch(Watch(samples=True, detail=tuple(watched)))
        while samples is None or len(kept) < samples:
            tick = _tick(await ticks.next(), watched)
            kept = [*kept, tick] if samples is not None else kept
            if as_json and samples is None:
                write_json(document(tick))
            elif not as_json:
                _print(tick)
    if as_json:
        emit("samples", kept)


class Ticks:
    """The newest reading of every machine after each frame (a frame holds only what changed)."""

    def __init__(self, client: Client) -> None:
        self._readings: dict[str, Reading] = {}
        self._frames: asyncio.Queue[Samples] = asyncio.Queue()
        client.listen(self._hear)

    def _hear(self, event: Event) -> None:
        if isinstance(event, Samples):
            self._frames.put_nowait(event)

    async def next(self) -> tuple[float, dict[str, Reading]]:
        """The time of the next frame, and all readings by then."""
        frame = await self._frames.get()
        self._readings.update({each.id: each for each in frame.readings})
        return frame.time or time.time(), dict(self._readings)


def _tick(frame: tuple[float, dict[str, Reading]], watched: dict[str, Machine]) -> dict[str, object]:
    moment, readings = frame
    machines = [
        {
            "name": machine.name,
            "state": machine.state.value,
            **_figures(readings.get(machine_id, Reading(machine_id))),
        }
        for machine_id, machine in watched.items()
    ]
    return {"time": moment, "machines": machines}


def _figures(reading: Reading) -> dict[str, object]:
    return {name: getattr(reading, name) for name in reading.__struct_fields__}


def _print(tick: dict[str, object]) -> None:
    machines = tick["machines"]
    assert isinstance(machines, list)  # noqa: S101 made above
    table(
        ("NAME", "CPU %>", "MEMORY>", "READ/s>", "WRITE/s>", "RX/s>", "TX/s>"),
        (
            (
                str(each["name"]),
                "-" if each["cpu_percent"] is None else f"{each['cpu_percent']:.1f}",
                size(each["memory_used_bytes"]),
                *(
                    size(each[name])
                    for name in ("disk_read_rate", "disk_write_rate", "net_rx_rate", "net_tx_rate")
                ),
            )
            for each in machines
        ),
    )
