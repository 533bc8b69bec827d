"""`delete`, and `trash list|restore|purge`: what is deleted stays for some days, unless it is purged."""

import click

from clonebox_tui.cli.acting import act_now, confirm, planned, show_plan
from clonebox_tui.cli.completing import MACHINE, TRASHED
from clonebox_tui.cli.lifecycle import side_by_side
from clonebox_tui.cli.output import emit, json_option, say, size, table, when
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client
from clonebox_tui.model.acts import Act, DeleteMachine, PurgeMachine, TrashMachine, UntrashMachine
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, Exit, problem
from clonebox_tui.model.rpc import RUN, TRASH, Nothing, Trash
from clonebox_tui.model.trash import TrashedMachine

_yes = click.option("--yes", "-y", is_flag=True, help="Do not ask.")
_plan = click.option("--plan", "only_plan", is_flag=True, help="Only show what would be done.")
_wait = click.option("--wait/--no-wait", default=True, help="Wait until it is done (the default).")


@click.command(short_help="Move a machine to the trash.")
@click.argument("machine", metavar="M", type=MACHINE)
@_yes
@click.option("--purge", is_flag=True, help="Remove it for good, at once.")
@click.option("--disks", is_flag=True, help="With --purge: also the disks of a machine not made here.")
@_plan
@_wait
@json_option
@command
async def delete(
    session: Session,
    machine: str,
    yes: bool,
    purge: bool,
    disks: bool,
    only_plan: bool,
    wait: bool,
    as_json: bool,
) -> int:
    """Move machine M to the trash, with its disk and snapshots; `trash restore M` brings it back.

    After seven days (`trash_days` in settings.toml) it is gone for good; with --purge it is at once.
    A machine that was not made here only loses its definition; its disks stay.
    """
    if disks and not purge:
        raise click.UsageError("--disks removes files for good: it needs --purge.")
    async with session.client() as client:
        found = (await session.machine(client, machine)).id
        act: Act = DeleteMachine(found, disks) if purge else TrashMachine(found)
        if not only_plan:
            return await act_now(client, act, yes=yes, wait=wait, as_json=as_json)
        return _shown([await planned(client, act)], as_json)


@click.group(short_help="What was deleted, and how it comes back.")
def trash() -> None:
    """What was deleted, and how it comes back."""


@trash.command("list")
@json_option
@command
async def list_trash(session: Session, as_json: bool) -> None:
    """List the deleted machines that can be brought back, newest first."""
    async with session.client() as client:
        kept = await _kept(session, client)
    if as_json:
        emit("machines", kept.machines)
        return
    if not kept.machines:
        click.echo("The trash is empty.")
        return
    table(
        ("NAME", "DELETED", "UNTIL", "SIZE>", "SNAPSHOTS>", "CONNECTION"),
        (
            (
                each.name,
                when(each.deleted_at),
                when(each.until_at),
                size(each.size_bytes) if each.folder else "-",
                str(each.snapshots),
                each.connection,
            )
            for each in kept.machines
        ),
    )


@trash.command("restore")
@click.argument("machine", metavar="M", type=TRASHED)
@click.option("--name", default="", metavar="N", help="Another name, where its own is taken by now.")
@_plan
@json_option
@command
async def restore(session: Session, machine: str, name: str, only_plan: bool, as_json: bool) -> int:
    """Bring machine M back from the trash: as it was, but off, with its snapshots."""
    async with session.client() as client:
        found = _find(await _kept(session, client), machine)
        act = UntrashMachine(found.machine, name)
        if not only_plan:
            return await act_now(client, act, as_json=as_json)
        return _shown([await planned(client, act)], as_json)


@trash.command("purge")
@click.argument("machines", metavar="[M...]", nargs=-1, type=TRASHED)
@click.option("--all", "everything", is_flag=True, help="Empty the trash.")
@_yes
@_plan
@json_option
@command
async def purge(
    session: Session, machines: tuple[str, ...], everything: bool, yes: bool, only_plan: bool, as_json: bool
) -> int:
    """Remove machines in the trash for good."""
    if bool(machines) == everything:
        raise click.UsageError("Either the machines to purge, or --all.")
    async with session.client() as client:
        kept = await _kept(session, client)
        found = kept.machines if everything else tuple(_find(kept, each) for each in dict.fromkeys(machines))
        acts = [PurgeMachine(each.machine) for each in found]
        plans = [await planned(client, act) for act in acts]
        if only_plan:
            return _shown(plans, as_json)
        client.may(RUN)  # before a question that would be in vain
        for plan in () if yes else plans:
            confirm(plan)
        if not acts and not as_json:
            say("The trash is empty.")
        return await side_by_side(client, acts, True, as_json)


async def _kept(session: Session, client: Client) -> Trash:
    fleet = await session.fleet(client)
    kept = await client.call(TRASH, Nothing())
    wanted = {each.uri for each in fleet.connections if not session.uris or each.uri in session.uris}
    return Trash(tuple(each for each in kept.machines if each.connection in wanted), kept.snapshots)


def _find(kept: Trash, wanted: str) -> TrashedMachine:
    """One by its name, or by the beginning of its UUID. MACHINE_NOT_FOUND, AMBIGUOUS."""
    found = [each for each in kept.machines if wanted in (each.name, each.machine)] or [
        each for each in kept.machines if wanted and each.machine.rpartition("/")[2].startswith(wanted)
    ]
    if len(found) > 1:
        raise problem(
            Code.AMBIGUOUS,
            f"{wanted} stands for several machines in the trash.",
            next="Give the beginning of its UUID instead.",
            details=tuple(f"{each.machine.rpartition('/')[2]}  {when(each.deleted_at)}" for each in found),
        )
    if not found:
        raise problem(
            Code.MACHINE_NOT_FOUND,
            f"There is no machine {wanted} in the trash.",
            next="See what is in it: `clonebox-tui trash list`.",
            details=tuple(each.name for each in kept.machines),
        )
    return found[0]


def _shown(plans: list[Plan], as_json: bool) -> int:
    if as_json:
        emit("plans", plans)
    else:
        for plan in plans:
            show_plan(plan)
    return Exit.DONE
