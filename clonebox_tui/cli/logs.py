"""`logs`: a machine's serial console and other logs, as plain lines."""

import click

from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.output import document, emit, json_option, say, write_json
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.rpc import FOLLOW_LOG, FollowLog


@click.command(short_help="Read a machine's log.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.option("--source", default="", metavar="S", help="Which log, e.g. serial or qemu (see `show M`).")
@click.option(
    "--lines", "-n", default=200, show_default=True, type=click.IntRange(0, 100_000), help="Of its end."
)
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes; ctrl+c ends it.")
@json_option
@command
async def logs(session: Session, machine: str, source: str, lines: int, follow: bool, as_json: bool) -> None:
    """Print the end of a log of machine M. With -f and --json: one JSON document a line."""
    kept: list[object] = []
    async with session.client() as client:
        found = await session.machine(client, machine)
        stream = await client.open_stream(FOLLOW_LOG, FollowLog(found.id, source, lines, follow))
        async for chunk in stream:
            if as_json and not follow:
                kept += chunk.lines
                continue
            for line in chunk.lines:
                if as_json:
                    write_json(document(line))
                else:
                    say(line.text, own=False)
    if as_json and not follow:
        emit("lines", kept)
