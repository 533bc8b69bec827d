"""`show`, and what is told of connections that are down."""

import sys

import click

from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.output import complain, emit, json_option, pairs, say, size, when
from clonebox_tui.cli.session import Session, command, unreachable
from clonebox_tui.model.connection import Link
from clonebox_tui.model.machine import MachineDetails
from clonebox_tui.model.plain import clean_text
from clonebox_tui.model.problem import Code, Exit, Problem
from clonebox_tui.model.rpc import SHOW, Fleet, OnMachine
from clonebox_tui.model.rules import trouble_words


def lost_connections(fleet: Fleet, as_json: bool) -> int:
    """Name the connections that are down; with none up, that is the outcome."""
    down = [each for each in fleet.connections if each.link is not Link.UP]
    for each in down:
        if as_json:
            complain(unreachable(each).problem, as_json)
            continue
        why = _reason(each.problem) if each.problem else each.link.value
        say(f"{each.uri}: not connected: {why}", err=True)
        if each.problem and each.problem.next:
            say(f"  Next: {each.problem.next}", err=True)
    return Exit.UNAVAILABLE if down and len(down) == len(fleet.connections) else Exit.DONE


def _reason(failure: Problem) -> str:
    """The cause's own words; of a host key they are its fingerprint, which says nothing alone."""
    if failure.code in (Code.HOST_KEY_UNKNOWN, Code.HOST_KEY_CHANGED):
        return f"{failure.what} ({failure.why})"
    return failure.why or failure.what


@click.command(short_help="One machine in full.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.option("--definition", is_flag=True, help="Print the provider's own text (domain XML).")
@json_option
@command
async def show(session: Session, machine: str, definition: bool, as_json: bool) -> None:
    """Show everything about machine M."""
    async with session.client() as client:
        found = await session.machine(client, machine)
        details = await client.call(SHOW, OnMachine(found.id))
    if as_json:
        emit("machines", [details])
    elif definition:
        # Into a file letter by letter; a terminal gets nothing it might obey.
        for line in details.definition.splitlines():
            click.echo(clean_text(line) if sys.stdout.isatty() else line)
    else:
        pairs(_lines(details))


def _lines(details: MachineDetails) -> list[tuple[str, str]]:
    machine = details.machine
    return [
        ("name", machine.name),
        ("state", machine.state.value + (", saved" if machine.saved else "")),
        ("trouble", trouble_words(machine)),
        ("started", when(machine.started_at) if machine.started_at else ""),
        ("connection", machine.connection),
        ("uuid", machine.uuid),
        ("made here", "yes" if machine.managed else "no"),
        ("group", machine.group),
        ("tags", " ".join(machine.tags)),
        *(("note", line) for line in machine.note.splitlines()),
        ("vcpus", str(machine.vcpus)),
        ("memory", size(machine.memory_bytes)),
        ("agent", machine.agent.value),
        ("accelerator", details.accelerator),
        ("addresses", ", ".join(details.addresses)),
        ("user", details.user),
        ("folder", details.folder),
        ("image", details.image),
        ("packages", ", ".join(details.packages)),
        ("services", ", ".join(details.services)),
        *(("disk", f"{each.target} {each.path} ({size(each.capacity_bytes)})") for each in details.disks),
        *(
            ("share", f"{each.host} at {each.guest} ({each.driver}{', read-only' if each.readonly else ''})")
            for each in details.shares
        ),
        *(("forward", f"{each.bind}:{each.host_port} to {each.guest_port}") for each in details.forwards),
        *(("network", each) for each in details.networks),
        ("logs", ", ".join(details.log_sources)),
    ]
