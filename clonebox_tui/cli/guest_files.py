"""`ls`: what lies in a folder of a guest."""

import stat

import click

from clonebox_tui.cli.copy import in_guest
from clonebox_tui.cli.output import emit, json_option, say, size, when
from clonebox_tui.cli.session import Session, command
from clonebox_tui.model.problem import Code, problem
from clonebox_tui.model.rpc import LIST_FILES, GuestEntry, GuestPath

_KINDS = {"folder": stat.S_IFDIR, "file": stat.S_IFREG, "link": stat.S_IFLNK}


@click.command("ls", short_help="List a folder of a guest.")
@click.argument("folder", metavar="M:/PATH")
@json_option
@command
async def list_files(session: Session, folder: str, as_json: bool) -> None:
    """List the folder /PATH in machine M through the guest agent: folders first, then by name.

    `cp` copies what is found, out of the guest or into it.
    """
    named = in_guest(folder)
    if named is None:
        raise problem(
            Code.USAGE,
            f"{folder} names no folder of a guest.",
            next="Write it M:/PATH, as in web-dev:/var/log",
        )
    async with session.client() as client:
        machine = await session.machine(client, named[0])
        found = await client.call(LIST_FILES, GuestPath(machine.id, named[1]))
    if as_json:
        emit("entries", found.entries)
        return
    owners = max((len(each.owner) for each in found.entries), default=0)
    for each in found.entries:
        say(_line(each, owners))
    if found.more:
        click.echo(f"{found.more} more are left out.", err=True)


def _line(entry: GuestEntry, owners: int) -> str:
    mode = stat.filemode(_KINDS.get(entry.kind, 0) | entry.mode)
    slash = "/" if entry.kind == "folder" else ""
    bytes_ = "" if entry.kind == "folder" else size(entry.size_bytes)
    return f"{mode}  {entry.owner:{owners}}  {bytes_:>9}  {when(entry.modified_at)}  {entry.name}{slash}"
