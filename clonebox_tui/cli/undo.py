"""`undo`, `redo`, `history`: what was done lately, taken back or done again."""

import click

from clonebox_tui.cli.acting import confirm, followed, show_plan
from clonebox_tui.cli.output import emit, json_option, say, table, when
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.problem import Exit
from clonebox_tui.model.rpc import DEEDS, PLAN_UNDO, UNDO, Nothing, OnDeed, Undo
from clonebox_tui.model.undo import Deed

_deed = click.argument("deed", metavar="[ID]", default="")
_plan = click.option("--plan", "only_plan", is_flag=True, help="Only show what would be done.")
_yes = click.option("--yes", "-y", is_flag=True, help="Do not ask.")


@click.command(short_help="Take back what was done last.")
@_deed
@_plan
@_yes
@json_option
@command
async def undo(session: Session, deed: str, only_plan: bool, yes: bool, as_json: bool) -> int:
    """Take back what was done last, whoever did it; with ID (`history` lists them), that instead.

    Undone are labels, snapshot policies, start, stop, pause, resume, snapshots taken, deleted and restored,
    delete (from the trash), clone and fork; what the guest lost by kill or reboot is not, nor what was purged
    or copied, unless the machine's policy had a snapshot taken before (`snapshot policy M --before-risky`).
    """
    return await _take(session, OnDeed(deed), only_plan, yes, as_json)


@click.command(short_help="Do again what was undone.")
@_deed
@_plan
@_yes
@json_option
@command
async def redo(session: Session, deed: str, only_plan: bool, yes: bool, as_json: bool) -> int:
    """Do again what was undone last; something new that is done meanwhile ends this."""
    return await _take(session, OnDeed(deed, redo=True), only_plan, yes, as_json)


@click.command(short_help="What was done, and whether it can be undone.")
@json_option
@command
async def history(session: Session, as_json: bool) -> None:
    """List what was done in the last seven days, newest first, and why some of it cannot be undone."""
    async with session.client() as client:
        deeds = (await client.call(DEEDS, Nothing())).deeds
    if as_json:
        emit("deeds", deeds)
    elif not deeds:
        click.echo("Nothing was done in the last seven days.")
    else:
        table(
            ("ID", "DONE", "WHAT", "UNDO"),
            ((each.id, when(each.done_at), each.title, _state(each)) for each in deeds),
        )


def _state(deed: Deed) -> str:
    if deed.why_not:
        return f"no: {deed.why_not}"
    return "undone; can be redone" if deed.undone else "yes"


async def _take(session: Session, wanted: OnDeed, only_plan: bool, yes: bool, as_json: bool) -> int:
    async with session.client() as client:
        await session.fleet(client)
        planned = await client.call(PLAN_UNDO, wanted)
        if only_plan:
            if as_json:
                emit("plans", [planned.plan])
            else:
                show_plan(planned.plan)
            return Exit.DONE
        client.may(UNDO)  # before a question that would be in vain
        if planned.plan.destructive and not yes:
            confirm(planned.plan)
        elif not as_json:
            say(planned.plan.title)
        job = await client.call(UNDO, Undo(planned.deed.id, wanted.redo, planned.plan.fingerprint))
        return await followed(client, job, as_json)
