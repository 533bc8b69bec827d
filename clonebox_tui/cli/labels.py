"""`tag`, `group`, `note`: what a person writes on machines to find them again."""

import re
import sys
from collections.abc import Callable, Sequence

import click
from msgspec.structs import replace

from clonebox_tui.cli.completing import MACHINE
from clonebox_tui.cli.lifecycle import side_by_side
from clonebox_tui.cli.output import emit, json_option, say
from clonebox_tui.cli.session import Session, command
from clonebox_tui.client import Client
from clonebox_tui.model.acts import LabelMachine
from clonebox_tui.model.labels import Labels, fault, retagged, tidy
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import Code, Exit, problem

_CHANGE = re.compile(r"[+-][^-+]")
_NO_CHANGE = ("-h",)


class _WithChanges(click.Command):
    """Takes `-word` for a change, not for an option; what follows `--` is left as it is."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ours = args[: args.index("--")] if "--" in args else args
        changes = [word for word in ours if _CHANGE.match(word) and word not in _NO_CHANGE]
        others = [word for word in ours if word not in changes]
        return super().parse_args(ctx, [*others, "--", *changes, *args[len(ours) + 1 :]])


@click.command(cls=_WithChanges, short_help="Tags of machines.")
@click.argument("words", metavar="M... [+TAG] [-TAG]", nargs=-1, required=True, type=MACHINE)
@json_option
@command
async def tag(session: Session, words: tuple[str, ...], as_json: bool) -> int:
    """Put tags on machines (+web) and take them off (-web); without either, print the tags.

    Tags stand in the machine's own definition: everybody who uses this program on that host sees them.
    """
    names = [word for word in words if word[0] not in "+-"]
    changes = [word for word in words if word[0] in "+-"]
    if not names:
        raise click.UsageError("Which machine? `tag M +web` puts the tag web on machine M.")
    other = (lambda labels: retagged(labels, changes)) if changes else None
    return await _labels(session, names, other, lambda m: " ".join(m.tags), as_json)


@click.command(short_help="The group of machines.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--clear", is_flag=True, help="Take it out of its group.")
@json_option
@command
async def group(session: Session, machine: str, name: str | None, clear: bool, as_json: bool) -> int:
    """Put machine M into group NAME; without NAME, print its group. A machine is in one group, or in none."""
    wanted = _wanted(name, clear)
    other = None if wanted is None else lambda labels: replace(labels, group=wanted)
    return await _labels(session, [machine], other, lambda m: m.group, as_json)


@click.command(short_help="The note on a machine.")
@click.argument("machine", metavar="M", type=MACHINE)
@click.argument("text", metavar="[TEXT|-]", required=False)
@click.option("--clear", is_flag=True, help="Take the note off.")
@json_option
@command
async def note(session: Session, machine: str, text: str | None, clear: bool, as_json: bool) -> int:
    """Write a note on machine M; `-` reads it from standard input. Without TEXT, print the note."""
    wanted = _wanted(sys.stdin.read() if text == "-" and not clear else text, clear)
    other = None if wanted is None else lambda labels: replace(labels, note=wanted)
    return await _labels(session, [machine], other, lambda m: m.note, as_json)


def _wanted(value: str | None, clear: bool) -> str | None:
    if clear and value:
        raise click.UsageError("Either something to write, or --clear.")
    return "" if clear else value


async def _labels(
    session: Session,
    names: Sequence[str],
    other: Callable[[Labels], Labels] | None,
    shown: Callable[[Machine], str],
    as_json: bool,
) -> int:
    """Write what `other` makes of the labels of each machine; without it, print what `shown` says."""
    async with session.client() as client:
        fleet = await session.fleet(client)
        machines = [session.find(fleet, name) for name in dict.fromkeys(names)]
        if other is not None:
            return await _write(client, machines, other, as_json)
    if as_json:
        emit("machines", machines)
        return Exit.DONE
    for machine in machines:
        before = f"{machine.name}: " if len(machines) > 1 else ""
        for line in shown(machine).splitlines() or ([""] if before else []):
            say(f"{before}{line}".rstrip())
    return Exit.DONE


async def _write(
    client: Client, machines: list[Machine], other: Callable[[Labels], Labels], as_json: bool
) -> int:
    acts = [LabelMachine(machine.id, _tidied(other(machine.labels)), machine.labels) for machine in machines]
    needed = [act for act in acts if act.labels != act.before]
    if needed or as_json:
        return await side_by_side(client, needed, True, as_json)
    say("Nothing changes: it stands there already.")
    return Exit.DONE


def _tidied(labels: Labels) -> Labels:
    wrong = fault(labels)
    if wrong:
        raise problem(
            Code.NAME_INVALID,
            "This cannot be written on a machine.",
            why=wrong,
            next="Use letters, digits and dashes.",
        )
    return tidy(labels.tags, labels.group, labels.note)
