"""`snapshot list|tree|show|create|restore|delete`: the moments of a machine."""

import click

from clonebox_tui.cli.acting import act_now
from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.completing import SNAPSHOT as SNAPSHOT_NAME
from clonebox_tui.cli.output import emit, json_option, pairs, say, size, table, when
from clonebox_tui.cli.session import Session, command
from clonebox_tui.cli.snapshot_looks import cat, diff, get
from clonebox_tui.cli.snapshot_policy import policy
from clonebox_tui.client import Client
from clonebox_tui.model.acts import CreateSnapshot, DeleteSnapshot, MachineAct, RestoreSnapshot, TrashSnapshot
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import SNAPSHOTS, OnMachine
from clonebox_tui.model.snapshot import Snapshot, shortened, tree

_MOST_RAILS = 40
"""Cells; of a longer chain only the nearest rails are drawn."""

_machine = click.argument("machine", metavar="M", type=MACHINE)
_name = click.argument("name", metavar="N", type=SNAPSHOT_NAME)
_yes = click.option("--yes", "-y", is_flag=True, help="Do not ask.")
_plan = click.option("--plan", "only_plan", is_flag=True, help="Only show what would be done.")


@click.group(short_help="Keep and restore moments of a machine.")
def snapshot() -> None:
    """Keep and restore moments of a machine."""


async def _all(session: Session, client: Client, machine: str) -> tuple[Snapshot, ...]:
    found = await session.machine(client, machine)
    snapshots = (await client.call(SNAPSHOTS, OnMachine(found.id))).snapshots
    return tuple(sorted(snapshots, key=lambda each: (each.created_at, each.name)))


async def _hidden(session: Session, client: Client, machine: str) -> tuple[Snapshot, ...]:
    found = await session.machine(client, machine)
    return (await client.call(SNAPSHOTS, OnMachine(found.id))).hidden


def _first_line(text: str) -> str:
    return text.partition("\n")[0][:60]


@snapshot.command("list")
@_machine
@click.option("--all", "everything", is_flag=True, help="Also those in the trash, marked with `~`.")
@json_option
@command
async def list_snapshots(session: Session, machine: str, everything: bool, as_json: bool) -> None:
    """List the snapshots of machine M, oldest first; `*` marks where it is now."""
    async with session.client() as client:
        snapshots = await _all(session, client, machine)
        hidden = await _hidden(session, client, machine) if everything else ()
        if hidden:
            snapshots = tuple(sorted((*snapshots, *hidden), key=lambda each: each.created_at))
    if as_json:
        emit("snapshots", snapshots)
        return
    if not snapshots:
        click.echo("No snapshots.")
        return
    table(
        ("NAME", "CREATED", "PARENT", "MEMORY", "SIZE>", "DESCRIPTION"),
        (
            (
                each.name + (" ~" if each in hidden else " *" if each.current else ""),
                when(each.created_at),
                each.parent or "-",
                "yes" if each.memory else "no",
                size(each.size_bytes),
                _first_line(each.description),
            )
            for each in snapshots
        ),
    )


@snapshot.command("tree")
@_machine
@json_option
@command
async def tree_of(session: Session, machine: str, as_json: bool) -> None:
    """Draw the snapshots of machine M as a tree, with `now` where the machine is."""
    async with session.client() as client:
        branches = tree(await _all(session, client, machine))
    if as_json:
        emit("branches", branches)
        return
    for branch in branches:
        say(
            shortened(branch.rails, _MOST_RAILS)
            + (f"{branch.snapshot.name}  {when(branch.snapshot.created_at)}" if branch.snapshot else "now")
        )


@snapshot.command("show")
@_machine
@_name
@json_option
@command
async def show(session: Session, machine: str, name: str, as_json: bool) -> None:
    """Show snapshot N of machine M."""
    async with session.client() as client:
        snapshots = await _all(session, client, machine)
    found = next((each for each in snapshots if each.name == name), None)
    if found is None:
        raise problem(
            Code.SNAPSHOT_NOT_FOUND,
            f"{machine} has no snapshot called {name}.",
            next=f"See `clonebox-tui snapshot list {machine}`.",
            details=tuple(each.name for each in snapshots),
        )
    if as_json:
        emit("snapshots", [found])
        return
    pairs(
        [
            ("name", found.name),
            ("created", when(found.created_at)),
            ("parent", found.parent),
            ("current", "yes" if found.current else "no"),
            ("memory", "yes" if found.memory else "no"),
            ("storage", found.storage.value),
            ("size", size(found.size_bytes)),
            ("description", found.description),
        ]
    )


async def _do(client: Client, act: MachineAct, yes: bool, only_plan: bool, as_json: bool) -> int:
    return await act_now(client, act, yes=yes, as_json=as_json, only_plan=only_plan)


@snapshot.command("create")
@_machine
@click.option("--name", required=True, metavar="N", help="Its name, unique in the machine.")
@click.option("--description", default="", metavar="D", help="What it is for.")
@click.option("--no-memory", is_flag=True, help="Disk only.")
@click.option("--settle", is_flag=True, help="Let the guest write everything to its disk first (agent).")
@_plan
@json_option
@command
async def create(
    session: Session,
    machine: str,
    name: str,
    description: str,
    no_memory: bool,
    settle: bool,
    only_plan: bool,
    as_json: bool,
) -> int:
    """Keep this moment of machine M: its disk, and its memory when it runs."""
    async with session.client() as client:
        found = await session.machine(client, machine)
        act = CreateSnapshot(found.id, name, description, not no_memory, settle)
        return await _do(client, act, True, only_plan, as_json)


@snapshot.command("restore")
@_machine
@_name
@_yes
@_plan
@json_option
@command
async def restore(
    session: Session, machine: str, name: str, yes: bool, only_plan: bool, as_json: bool
) -> int:
    """Bring machine M back to snapshot N; its present state is kept in a safety snapshot."""
    async with session.client() as client:
        act = RestoreSnapshot((await session.machine(client, machine)).id, name)
        return await _do(client, act, yes, only_plan, as_json)


@snapshot.command("delete")
@_machine
@_name
@click.option("--children", is_flag=True, help="Its descendants too.")
@click.option("--purge", is_flag=True, help="Remove it for good, at once.")
@_yes
@_plan
@json_option
@command
async def delete(
    session: Session,
    machine: str,
    name: str,
    children: bool,
    purge: bool,
    yes: bool,
    only_plan: bool,
    as_json: bool,
) -> int:
    """Delete snapshot N of machine M; its children are kept. `trash restore M/N` brings it back."""
    async with session.client() as client:
        found = (await session.machine(client, machine)).id
        act = DeleteSnapshot(found, name, children) if purge else TrashSnapshot(found, name, children)
        return await _do(client, act, yes, only_plan, as_json)


snapshot.add_command(diff)
snapshot.add_command(cat)
snapshot.add_command(get)
snapshot.add_command(policy)
