"""`list`: the machines there are, those one asks for, and with `--watch` each change as a line of its own."""

import asyncio
import time
from collections.abc import Callable, Iterable

import click

from clonebox_tui.cli.machines import lost_connections
from clonebox_tui.cli.output import (
    document,
    emit,
    json_option,
    leave_with_reader,
    say,
    size,
    table,
    when,
    write_json,
)
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client, Event, LinkBack, LinkLost
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.filtering import compile_machine_filter, state_word
from clonebox_tui.model.labels import changed_words
from clonebox_tui.model.machine import AgentState, Machine
from clonebox_tui.model.rpc import Fleet, FleetChanged, Watch

Accepts = Callable[[Machine], bool]


@click.command("list", short_help="All machines.")
@click.option("--tag", "tags", multiple=True, metavar="T", help="Only those with this tag; may repeat.")
@click.option("--group", "group", metavar="G", help="Only those in this group; '' for those in none.")
@click.option("--filter", "words", default="", metavar="WORDS", help="Only those the cockpit's / would show.")
@click.option("--watch", is_flag=True, help="Go on with a line for each change; ctrl+c ends it.")
@json_option
@command
async def list_machines(
    session: Session, tags: tuple[str, ...], group: str | None, words: str, watch: bool, as_json: bool
) -> int:
    """List all machines of all connections, those not made here too (marked `*`).

    WORDS are expressions for the name, `!` in front for the inverse, `~` for fuzzy, and `tag:`, `group:`,
    `state:`, `host:` and `note:` for something else: `--filter 'web state:running !tag:old'`.
    """
    accepts = _accepting(tags, group, words)
    async with session.client() as client:
        fleet = await session.fleet(client)
        kept = sorted(filter(accepts, fleet.machines), key=lambda each: (each.connection, each.name))
        _print(fleet, kept, as_json)
        code = lost_connections(fleet, as_json)
        if watch:
            leave_with_reader()
            await Changes(session, client, fleet, accepts, as_json).follow()
    return code


def _accepting(tags: tuple[str, ...], group: str | None, words: str) -> Accepts:
    by_words, fault = compile_machine_filter(words)
    if fault:
        raise click.UsageError(f"--filter is {fault}.")

    def accepts(machine: Machine) -> bool:
        in_group = group is None or machine.group == group
        return in_group and set(tags) <= set(machine.tags) and by_words(machine)

    return accepts


def _print(fleet: Fleet, machines: list[Machine], as_json: bool) -> None:
    if as_json:
        emit("machines", machines)
    elif machines:
        _table(machines)
    elif fleet.machines:
        click.echo("No machine is like that.")
    elif any(each.link is Link.UP for each in fleet.connections):
        click.echo("No machines yet. Make one with `clonebox-tui clone DIR`.")


def _table(machines: list[Machine]) -> None:
    labelled = any(each.tags or each.group for each in machines)
    headings: tuple[str, ...] = ("NAME", "STATE", "VCPUS>", "MEMORY>", "AGENT", "CONNECTION")
    rows: list[tuple[str, ...]] = [
        (
            each.name + ("" if each.managed else " *"),
            state_word(each),
            str(each.vcpus),
            size(each.memory_bytes),
            each.agent.value,
            each.connection,
        )
        for each in machines
    ]
    if labelled:
        headings = (*headings[:-1], "GROUP", "TAGS", headings[-1])
        rows = [
            (*row[:-1], each.group or "-", " ".join(each.tags) or "-", row[-1])
            for row, each in zip(rows, machines, strict=True)
        ]
    table(headings, rows)


class Changes:
    """Prints what changes, one plain line each: nothing moves, so a screen reader and a file can follow."""

    def __init__(
        self, session: Session, client: Client, fleet: Fleet, accepts: Accepts, as_json: bool
    ) -> None:
        self._client = client
        self._accepts = accepts
        self._as_json = as_json
        self._uris = session.uris
        self._machines = {each.id: each for each in fleet.machines}
        self._connections = {each.uri: each for each in fleet.connections}

    async def follow(self) -> None:
        """Until somebody ends it."""
        forget = self._client.listen(self._hear)
        try:
            await self._client.watch(Watch(samples=False))
            # What changed while the list was printed was told to nobody.
            now = await self._client.fleet()
            self._hear(FleetChanged(now.event, now.machines, (), now.connections, whole=True))
            await asyncio.Event().wait()
        finally:
            forget()

    def _hear(self, event: Event) -> None:
        if isinstance(event, FleetChanged):
            for connection in event.connections:
                self._connection(connection)
            for machine in event.machines:
                if not self._uris or machine.connection in self._uris:
                    self._machine(machine)
            known = {machine.id for machine in event.machines}
            gone = [each for each in self._machines if each not in known] if event.whole else event.removed
            for each in gone:
                self._gone(each)
        elif isinstance(event, LinkLost | LinkBack) and not self._as_json:
            back = isinstance(event, LinkBack)
            self._line("the worker is back" if back else "the worker is lost; it is looked for")

    def _machine(self, machine: Machine) -> None:
        before = self._machines.get(machine.id)
        self._machines[machine.id] = machine
        if before == machine or not (self._accepts(machine) or (before and self._accepts(before))):
            return
        if self._as_json:
            write_json(document({"time": time.time(), "machines": [machine], "removed": []}))
            return
        words = differences(before, machine)
        if words:
            self._line(f"{machine.name}: {words}")

    def _gone(self, machine: str) -> None:
        before = self._machines.pop(machine, None)
        if before is None or not self._accepts(before):
            return
        if self._as_json:
            write_json(document({"time": time.time(), "machines": [], "removed": [machine]}))
        else:
            self._line(f"{before.name}: gone")

    def _connection(self, connection: Connection) -> None:
        before = self._connections.get(connection.uri)
        if before is None or (self._uris and connection.uri not in self._uris):
            return
        self._connections[connection.uri] = connection
        if before.link is not connection.link and not self._as_json:
            why = connection.problem.what if connection.problem and connection.link is Link.DOWN else ""
            self._line(f"{connection.uri}: {connection.link.value}{f', {why}' if why else ''}")

    @staticmethod
    def _line(text: str) -> None:
        say(f"{when(time.time())} {text}")


def differences(before: Machine | None, after: Machine) -> str:
    """What became of a machine, in words: `running, was off; the agent answers`."""
    if before is None:
        return f"new, {state_word(after)}"
    return "; ".join(_differences(before, after))


def _differences(before: Machine, after: Machine) -> Iterable[str]:
    if before.name != after.name:
        yield f"was called {before.name}"
    if state_word(before) != state_word(after):
        yield f"{state_word(after)}, was {state_word(before)}"
    if before.agent is not after.agent and AgentState.CONNECTED in (before.agent, after.agent):
        yield "the agent answers" if after.agent is AgentState.CONNECTED else "the agent is silent"
    if before.labels != after.labels:
        yield changed_words(before.labels, after.labels)
