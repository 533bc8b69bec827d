"""`delete`, and `trash list|restore|purge`: what is deleted stays for some days, unless it is purged."""

from collections.abc import Mapping

import click

from clonebox_tui.cli.acting import act_now, confirm, planned, show_plan
from clonebox_tui.cli.completing import MACHINE, TRASHED
from clonebox_tui.cli.lifecycle import side_by_side
from clonebox_tui.cli.output import document, emit, json_option, say, size, table, when, write_json
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client
from clonebox_tui.model.acts import (
    Act,
    DeleteMachine,
    DeleteSnapshot,
    PurgeMachine,
    TrashMachine,
    UntrashMachine,
    UntrashSnapshots,
)
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, Exit, problem
from clonebox_tui.model.rpc import RUN, TRASH, Nothing, Trash
from clonebox_tui.model.trash import TrashedMachine, TrashedSnapshot

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
    """List the deleted machines and snapshots that can be brought back, newest first."""
    async with session.client() as client:
        kept, names = await _kept(session, client)
    if as_json:
        write_json({"machines": document(kept.machines), "snapshots": document(kept.snapshots)})
        return
    machines = [
        (each.name, each.deleted_at, each.until_at, size(each.size_bytes) if each.folder else "-")
        for each in kept.machines
    ]
    snapshots = [
        (f"{names[each.machine]}/{each.name}", each.deleted_at, each.until_at, "-") for each in kept.snapshots
    ]
    if not machines and not snapshots:
        click.echo("The trash is empty.")
        return
    rows = sorted((*machines, *snapshots), key=lambda row: row[1], reverse=True)
    table(
        ("NAME", "DELETED", "UNTIL", "SIZE>"),
        ((name, when(deleted), when(until), amount) for name, deleted, until, amount in rows),
    )


@trash.command("restore")
@click.argument("machine", metavar="M|M/N", type=TRASHED)
@click.option("--name", default="", metavar="NEW", help="Another name, where its own is taken by now.")
@_plan
@json_option
@command
async def restore(session: Session, machine: str, name: str, only_plan: bool, as_json: bool) -> int:
    """Bring machine M back from the trash, as it was but off; or snapshot N of machine M."""
    async with session.client() as client:
        act = _back(*await _kept(session, client), machine, name)
        if not only_plan:
            return await act_now(client, act, as_json=as_json)
        return _shown([await planned(client, act)], as_json)


@trash.command("purge")
@click.argument("names", metavar="[M|M/N...]", nargs=-1, type=TRASHED)
@click.option("--all", "everything", is_flag=True, help="Empty the trash.")
@_yes
@_plan
@json_option
@command
async def purge(
    session: Session, names: tuple[str, ...], everything: bool, yes: bool, only_plan: bool, as_json: bool
) -> int:
    """Remove what is in the trash for good."""
    if bool(names) == everything:
        raise click.UsageError("Either what to purge, or --all.")
    async with session.client() as client:
        acts = _purges(*await _kept(session, client), names)
        plans = [await planned(client, act) for act in acts]
        if only_plan:
            return _shown(plans, as_json)
        client.may(RUN)  # before a question that would be in vain
        for plan in () if yes else plans:
            confirm(plan)
        if not acts and not as_json:
            say("The trash is empty.")
        return await side_by_side(client, acts, True, as_json)


async def _kept(session: Session, client: Client) -> tuple[Trash, Mapping[str, str]]:
    """What is in it of the wanted connections, and the names of machines by their ids."""
    fleet = await session.fleet(client)
    kept = await client.call(TRASH, Nothing())
    wanted = {each.uri for each in fleet.connections if not session.uris or each.uri in session.uris}
    names = {each.id: each.name for each in fleet.machines}
    machines = tuple(each for each in kept.machines if each.connection in wanted)
    return Trash(machines, tuple(each for each in kept.snapshots if each.machine in names)), names


def _back(kept: Trash, names: Mapping[str, str], wanted: str, name: str) -> UntrashMachine | UntrashSnapshots:
    snapshot = _snapshot(kept, names, wanted)
    if snapshot is not None:
        return UntrashSnapshots(snapshot.machine, (snapshot.name,))
    return UntrashMachine(_find(kept, wanted).machine, name)


def _purges(kept: Trash, names: Mapping[str, str], wanted: tuple[str, ...]) -> list[Act]:
    """One act for each that is named; for all of them without any name."""
    if not wanted:
        return [
            *(DeleteSnapshot(each.machine, each.name) for each in kept.snapshots),
            *(PurgeMachine(each.machine) for each in kept.machines),
        ]
    acts: list[Act] = []
    for each in dict.fromkeys(wanted):
        found = _snapshot(kept, names, each)
        machine = PurgeMachine(_find(kept, each).machine) if found is None else None
        acts += [DeleteSnapshot(found.machine, found.name)] if found else [machine] if machine else []
    return acts


def _snapshot(kept: Trash, names: Mapping[str, str], wanted: str) -> TrashedSnapshot | None:
    """A deleted snapshot by `MACHINE/NAME`."""
    found = [each for each in kept.snapshots if f"{names[each.machine]}/{each.name}" == wanted]
    return found[0] if len(found) == 1 else None


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
            f"There is no {wanted} in the trash.",
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
