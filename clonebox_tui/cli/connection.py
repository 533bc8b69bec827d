"""`connection list|add|remove|trust`: the hosts whose machines are shown, and the keys they are known by."""

import click
import msgspec

from clonebox_tui.cli.completing import CONNECTION
from clonebox_tui.cli.output import complain, document, emit, json_option, say, table, when
from clonebox_tui.cli.session import Session, command, settled
from clonebox_tui.cli.trusting import trusted
from clonebox_tui.client import Client
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.problem import Exit
from clonebox_tui.model.remote import host_labels
from clonebox_tui.model.rpc import (
    ADD_CONNECTION,
    KEPT_CONNECTIONS,
    REMOVE_CONNECTION,
    AddConnection,
    Fleet,
    Nothing,
    OnUri,
)


@click.group(short_help="The hosts whose machines are shown.")
def connection() -> None:
    """Connections to hypervisors: this host's own, and those of other hosts over SSH."""


@connection.command("list", short_help="All connections.")
@json_option
@command
async def list_connections(session: Session, as_json: bool) -> None:
    """List all connections: how each is, how many machines it has, whether it is kept."""
    async with session.client() as client:
        fleet = await session.fleet(client)
        kept = await client.call(KEPT_CONNECTIONS, Nothing())
    if as_json:
        _emit(fleet, fleet.connections, kept.added)
        return
    labels = host_labels(each.uri for each in fleet.connections)
    table(
        ("HOST", "STATE", "MACHINES>", "SINCE", "KEPT", "URI"),
        (
            (
                labels[each.uri], each.link.value, str(_count(fleet, each)), when(each.since),
                "yes" if each.uri in kept.added else "-", each.uri,
            )
            for each in fleet.connections
        ),
    )  # fmt: skip
    for each in fleet.connections:
        if each.problem is not None:
            say(f"{each.uri}: {each.problem.what} {each.problem.why}", err=True)
            say(f"  Next: {each.problem.next}", err=True)


def _count(fleet: Fleet, connection: Connection) -> int:
    return sum(each.connection == connection.uri for each in fleet.machines)


def _emit(fleet: Fleet, connections: tuple[Connection, ...], kept: tuple[str, ...]) -> None:
    labels = host_labels(each.uri for each in fleet.connections)
    records: list[object] = []
    for each in connections:
        known = document(each)
        assert isinstance(known, dict)  # noqa: S101 a struct's document is one
        more = {"label": labels[each.uri], "machines": _count(fleet, each), "kept": each.uri in kept}
        retry = {"retry_at": when(each.retry_at) if each.retry_at else None}
        records.append({**known, **retry, **more})
    emit("connections", records)


@connection.command(short_help="Connect now, and whenever a worker starts.")
@click.argument("uri")
@json_option
@command
async def add(session: Session, uri: str, as_json: bool) -> int:
    """Connect to URI, e.g. qemu+ssh://user@server/system, and keep it.

    A host that is asked for the first time shows its key's fingerprint; at a terminal you are asked
    whether it is the right one. A connection that cannot be made now is kept all the same, and tried again.
    """
    async with session.client() as client:
        await client.call(ADD_CONNECTION, AddConnection(uri))
        found = await _settled(client, uri)
        if await trusted(session, client, found, as_json):
            found = await _settled(client, uri)
        fleet = await client.fleet()
    if as_json:
        _emit(fleet, (found,), (uri,))
    else:
        count = _count(fleet, found)
        say(f"{uri}: {found.link.value}" + (f", {count} machines" if found.link is Link.UP else ""))
    if found.problem is not None:
        complain(found.problem, as_json)
        return found.problem.exit_code
    return Exit.DONE


async def _settled(client: Client, uri: str) -> Connection:
    """The connection once it is up or known to be down."""
    await settled(client, {uri})
    return next(each for each in (await client.fleet()).connections if each.uri == uri)


@connection.command(short_help="Leave a connection, now and later.")
@click.argument("uri", type=CONNECTION)
@json_option
@command
async def remove(session: Session, uri: str, as_json: bool) -> None:
    """Leave the connection URI. Nothing happens to its machines: they are only not shown here any more."""
    async with session.client() as client:
        await client.call(REMOVE_CONNECTION, OnUri(uri))
    if as_json:
        emit("connections", [{"uri": uri, "removed": True}])
    else:
        say(f"{uri} is left. Its machines run on.")


@connection.command(short_help="Accept the key of another host.")
@click.argument("uri", type=CONNECTION)
@click.option(
    "--fingerprint", metavar="SHA256:…", help="The fingerprint you expect; nothing is asked when it is so."
)
@click.option("--replace", is_flag=True, help="In place of another key that was accepted before.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask: accept what the host shows now.")
@json_option
@command
async def trust(
    session: Session, uri: str, fingerprint: str | None, replace: bool, yes: bool, as_json: bool
) -> None:
    """Show the fingerprint of the host in URI (qemu+ssh://… or ssh://…) and, if you agree, accept its key.

    From then on that host is believed by this key alone; a host that shows another one is refused.
    """
    from clonebox_tui.cli.trusting import accept

    found = await accept(session, uri, fingerprint or "", replace, yes)
    if as_json:
        emit("host_keys", [msgspec.to_builtins(found)])
    else:
        keys = ", ".join(f"{key.kind} {key.fingerprint}" for key in found.accepted)
        say(f"Accepted for {found.host}: {keys}")
