"""`fork`: new machines from a snapshot of one, or from what it is now."""

import click

from clonebox_tui.cli.acting import act_now
from clonebox_tui.cli.completing import MACHINE, SNAPSHOT
from clonebox_tui.cli.output import json_option
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.acts import ForkMachine
from clonebox_tui.model.snapshot import fork_names


@click.command(short_help="Make new machines from a snapshot, or from now.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.argument("snapshot", metavar="[SNAPSHOT]", default="", type=SNAPSHOT)
@click.option(
    "--name", required=True, metavar="N", help="Name of the new machine; with --count of each, numbered."
)
@click.option("--count", type=click.IntRange(1, 64), default=1, metavar="K", help="Make so many at once.")
@click.option("--start", is_flag=True, help="Leave them running; otherwise they are off in the end.")
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would be done.")
@click.option("--wait/--no-wait", default=True, help="Wait until it is done (the default).")
@json_option
@command
async def fork(
    session: Session,
    machine: str,
    snapshot: str,
    name: str,
    count: int,
    start: bool,
    only_plan: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Make new machines from SNAPSHOT of machine M, or from its present; M itself is only read.

    Each boots once and takes on an identity of its own: host name, machine id, SSH keys, addresses.
    """
    async with session.client() as client:
        found = await session.machine(client, machine)
        act = ForkMachine(found.id, fork_names(name, count), snapshot, start)
        return await act_now(client, act, wait=wait, as_json=as_json, only_plan=only_plan)
