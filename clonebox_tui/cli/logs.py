"""`logs`: a machine's serial console and other logs, as plain lines."""

import click

from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.output import document, emit, json_option, leave_with_reader, say, write_json
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.log import ALL
from clonebox_tui.model.rpc import FOLLOW_LOG, FollowLog


@click.command(short_help="Read a machine's log.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="S",
    help="Which log: one that `show M` names, file:/PATH of the guest, job:ID, all. Several: by time.",
)
@click.option(
    "--lines", "-n", default=200, show_default=True, type=click.IntRange(0, 100_000), help="Of its end."
)
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes; ctrl+c ends it.")
@json_option
@command
async def logs(
    session: Session, machine: str, sources: tuple[str, ...], lines: int, follow: bool, as_json: bool
) -> None:
    """Print the end of a log of machine M: its serial console, unless another is named by --source.

    Several logs (--source serial --source journal, or all) are merged by the times of their lines, and
    each line begins with its log's name. With -f and --json: one JSON document a line.
    """
    several = len(sources) > 1 or ALL in sources
    kept: list[object] = []
    async with session.client() as client:
        found = await session.machine(client, machine)
        stream = await client.open_stream(
            FOLLOW_LOG, FollowLog(found.id, lines=lines, follow=follow, sources=sources)
        )
        if follow:
            leave_with_reader()
        async for chunk in stream:
            if as_json and not follow:
                kept += chunk.lines
                continue
            for line in chunk.lines:
                if as_json:
                    write_json(document(line))
                else:
                    say(f"{line.source}: {line.text}" if several and line.source else line.text, own=False)
    if as_json and not follow:
        emit("lines", kept)
