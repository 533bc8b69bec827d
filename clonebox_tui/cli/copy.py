"""`cp`: files and folders into a guest and out of it, without SSH or a network."""

import click

from clonebox_tui.cli.acting import act_now
from clonebox_tui.cli.output import json_option
from clonebox_tui.cli.session import Session, absolute, command
from clonebox_tui.model.acts import CopyFromGuest, CopyToGuest
from clonebox_tui.model.problem import Code, problem


@click.command("cp", short_help="Copy files into a guest or out of it.")
@click.argument("source", metavar="SRC")
@click.argument("target", metavar="DST")
@click.option("--plan", "only_plan", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask before a file is replaced.")
@click.option("--wait/--no-wait", default=True, help="Wait until it is done (the default).")
@json_option
@command
async def copy(
    session: Session, source: str, target: str, only_plan: bool, yes: bool, wait: bool, as_json: bool
) -> int:
    """Copy a file or folder; one of SRC and DST is M:/PATH, a path in machine M.

    It goes through the guest agent. A copy that breaks off goes on where it was when the same is asked
    again; it takes its place only whole, and once both ends have the same SHA-256.
    """
    from_guest, to_guest = in_guest(source), in_guest(target)
    if (from_guest is None) == (to_guest is None):
        raise problem(
            Code.USAGE,
            "One of the two must be in a machine, and the other on this host.",
            why="a path in a machine is written M:/PATH",
            next="For a copy between machines, copy out first and then in.",
        )
    async with session.client() as client:
        act: CopyFromGuest | CopyToGuest
        if from_guest is not None:
            machine = await session.machine(client, from_guest[0])
            act = CopyFromGuest(machine.id, from_guest[1], absolute_of(target))
        else:
            assert to_guest is not None  # noqa: S101 exactly one of them is
            machine = await session.machine(client, to_guest[0])
            act = CopyToGuest(machine.id, absolute_of(source), to_guest[1])
        return await act_now(client, act, yes=yes, wait=wait, as_json=as_json, only_plan=only_plan)


def in_guest(word: str) -> tuple[str, str] | None:
    """Machine and path of `M:/PATH`; None for a path of this host. `./a:b` is one of this host."""
    machine, colon, path = word.rpartition(":/")
    if not colon or machine.startswith((".", "/")):
        return None
    return (machine, f"/{path}") if machine else None


def absolute_of(path: str) -> str:
    """A path of this host, as the worker must be told it; `~` is the shell's business."""
    from pathlib import Path

    return absolute(Path(path))
