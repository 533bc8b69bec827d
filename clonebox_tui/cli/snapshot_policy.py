"""`snapshot policy`: snapshots a machine takes by itself, and which of them are kept."""

import click
import msgspec

from clonebox_tui.cli.acting import act_now
from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.output import emit, json_option, say
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.acts import SetSnapshotPolicy
from clonebox_tui.model.problem import Exit
from clonebox_tui.model.rpc import POLICY, OnMachine
from clonebox_tui.model.snapshot_policy import SnapshotPolicy, words


@click.command("policy", short_help="Take snapshots by itself, and prune them.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.option("--every", type=float, metavar="H", help="Take one every so many hours while it runs.")
@click.option("--keep-last", type=int, metavar="N", help="Keep the last so many.")
@click.option("--keep-daily", type=int, metavar="N", help="Keep the last of each of so many days.")
@click.option("--keep-weekly", type=int, metavar="N", help="Keep the last of each of so many weeks.")
@click.option(
    "--before-risky/--no-before-risky",
    default=None,
    help="Take one before a reboot, and before anything is put into its files.",
)
@click.option("--keep-before", type=int, metavar="N", help="Keep the last so many of those.")
@click.option("--off", is_flag=True, help="Take none any more; those there are stay.")
@json_option
@command
async def policy(
    session: Session,
    machine: str,
    every: float | None,
    keep_last: int | None,
    keep_daily: int | None,
    keep_weekly: int | None,
    before_risky: bool | None,
    keep_before: int | None,
    off: bool,
    as_json: bool,
) -> int:
    """Show how often machine M takes snapshots by itself, or change it.

    Those you take yourself are never pruned, nor by this those that a restore took.
    """
    given = {
        "every_hours": every,
        "keep_last": keep_last,
        "keep_daily": keep_daily,
        "keep_weekly": keep_weekly,
        "before_risky": before_risky,
        "keep_before": keep_before,
    }
    changes = {name: value for name, value in given.items() if value is not None}
    if off and changes:
        raise click.UsageError("--off stands alone.")
    async with session.client() as client:
        found = await session.machine(client, machine)
        known = await client.call(POLICY, OnMachine(found.id))
        if not changes and not off:
            if as_json:
                emit("policies", [known])
            else:
                say(f"{found.name}: {words(known)}")
            return Exit.DONE
        wanted = SnapshotPolicy() if off else msgspec.structs.replace(known, **changes)
        return await act_now(client, SetSnapshotPolicy(found.id, wanted, known), as_json=as_json)
