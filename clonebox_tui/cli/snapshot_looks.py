"""`snapshot diff|cat`: what a disk held, looked at without booting anything."""

import sys
from collections.abc import Iterator

import click

from clonebox_tui.cli.acting import act_now
from clonebox_tui.cli.completing import MACHINE, SNAPSHOT
from clonebox_tui.cli.copy import absolute_of, in_guest
from clonebox_tui.cli.output import emit, json_option, say, size
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.acts import RestorePath
from clonebox_tui.model.difference import (
    Difference,
    DiffWanted,
    FactChange,
    FileChange,
    FileWanted,
    Kind,
)
from clonebox_tui.model.rpc import DIFFERENCE, SNAPSHOT_FILE

_MARKS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}
_WHOLE_BYTES = 11 << 20
"""What fits into one answer of the worker."""


@click.command("diff", short_help="What differs between two snapshots, or a snapshot and now.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.argument("before", metavar="A", type=SNAPSHOT)
@click.argument("after", metavar="[B]", default="", type=SNAPSHOT)
@click.option("--path", "paths", multiple=True, metavar="P", help="Compare below this folder; may repeat.")
@click.option("--text", is_flag=True, help="Show how texts differ, line by line.")
@json_option
@command
async def diff(
    session: Session, machine: str, before: str, after: str, paths: tuple[str, ...], text: bool, as_json: bool
) -> None:
    """Compare snapshot A of machine M with snapshot B, or with the present.

    Packages, services started at boot, users, and files below the paths (the usual ones: settings,
    homes, what lies beside the packages). Read from the disks; nothing is booted or changed.
    """
    async with session.client() as client:
        found = await session.machine(client, machine)
        difference = await client.call(DIFFERENCE, DiffWanted(found.id, before, after, paths))
    if as_json:
        emit("differences", [difference])
        return
    for line in difference_lines(difference, found.name, text):
        say(line)


def difference_lines(found: Difference, machine: str, text: bool) -> Iterator[str]:
    """A comparison as lines for a terminal."""
    yield f"{machine}: {found.before or 'now'} → {found.after or 'now'}  ({found.source})"
    for name, facts in (("Packages", found.packages), ("Services", found.services), ("Users", found.users)):
        if facts:
            yield f"{name}:"
            yield from (f"  {_fact(each)}" for each in facts)
    if found.files:
        yield "Files:"
    for change in found.files:
        yield f"  {_file(change)}"
        if text:
            yield from (f"      {line}" for line in change.text.splitlines())
    if found.empty:
        yield f"Nothing differs below {', '.join(found.paths)}."
    if found.used_before_bytes is not None and found.used_after_bytes is not None:
        yield f"Disk used: {size(found.used_before_bytes)} → {size(found.used_after_bytes)}"
    if found.truncated:
        yield "There is more than is looked at: name paths with --path."
    yield from found.notes


def _fact(change: FactChange) -> str:
    values = " → ".join(value for value in (change.before, change.after) if value)
    return f"{_MARKS[change.kind]} {change.name}  {values}"


def _file(change: FileChange) -> str:
    amount = change.size_after if change.size_after is not None else change.size_before
    words = [", ".join(change.what)] if change.kind is Kind.CHANGED else []
    words += [size(amount)] if amount is not None else []
    folder = "/" if change.what == ("folder",) else ""
    return f"{_MARKS[change.kind]} {change.path}{folder}  {'  '.join(words)}".rstrip()


@click.command("get", short_help="Bring a file or folder back out of a snapshot.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.argument("name", metavar="N", type=SNAPSHOT)
@click.argument("path", metavar="PATH")
@click.argument("target", metavar="DEST")
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would be done.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before something is replaced.")
@json_option
@command
async def get(
    session: Session,
    machine: str,
    name: str,
    path: str,
    target: str,
    only_plan: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Bring PATH back as it is in snapshot N of machine M, to DEST.

    DEST is a path of this host, or M:/PATH in a running machine; one that ends with a slash is a folder
    that it goes into. Modes are kept, in a machine owners too.
    """
    into = in_guest(target)
    place = into[1] if into else absolute_of(target)
    if target.endswith("/"):
        place = f"{place.rstrip('/')}/{path.rstrip('/').rpartition('/')[2]}"
    async with session.client() as client:
        found = await session.machine(client, machine)
        guest = (await session.machine(client, into[0])).id if into else ""
        act = RestorePath(found.id, name, path, place, guest)
        return await act_now(client, act, yes=yes, as_json=as_json, only_plan=only_plan)


@click.command("cat", short_help="Print a file as it is in a snapshot.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.argument("name", metavar="N", type=SNAPSHOT)
@click.argument("path", metavar="PATH")
@json_option
@command
async def cat(session: Session, machine: str, name: str, path: str, as_json: bool) -> None:
    """Print the file PATH as it is in snapshot N of machine M, byte by byte."""
    async with session.client() as client:
        found = await session.machine(client, machine)
        file = await client.call(SNAPSHOT_FILE, FileWanted(found.id, name, path, _WHOLE_BYTES))
    if as_json:
        emit("files", [file])
        return
    sys.stdout.buffer.write(file.content)
    sys.stdout.buffer.flush()
    if file.truncated:
        say(f"Only the first {size(len(file.content))} of {size(file.size)}: take it whole.", err=True)
