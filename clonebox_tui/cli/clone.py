"""`detect`, `clone`, `create`: from a folder to a machine."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict, Unpack

import click

from clonebox_tui.cli.acting import act_now, planned, show_plan
from clonebox_tui.cli.output import emit, json_option, say
from clonebox_tui.cli.session import PathThere, Session, absolute, command
from clonebox_tui.client import Client, here
from clonebox_tui.model.acts import CloneMachine
from clonebox_tui.model.environment import DetectedItem, DetectedKind
from clonebox_tui.model.plan import Plan
from clonebox_tui.model.problem import Code, Exit, problem
from clonebox_tui.model.rpc import DETECT, PREPARE, RUN, Detect, PrepareClone, Prepared

_SIGNS = {True: "[x]", False: "[ ]"}


@click.command(short_help="What there is to clone.")
@click.argument("directory", default=".", type=PathThere(exists=True, file_okay=False, path_type=Path))
@click.option("--yaml", "as_yaml", is_flag=True, help="Print the project file that a clone would write.")
@json_option
@command
async def detect(session: Session, directory: Path, as_yaml: bool, as_json: bool) -> None:
    """Look at the environment around DIRECTORY: projects, services, applications, packages, ports.

    What is marked [x] is what `clone` takes unless told otherwise.
    """
    items: list[DetectedItem] = []
    async with session.client() as client:
        if as_yaml:
            click.echo((await _prepared(session, client, directory)).config_text, nl=False)
            return
        async for chunk in await client.open_stream(DETECT, Detect(absolute(directory), here())):
            items += chunk.items
            if not as_json:
                for item in chunk.items:
                    _print(item)
    if as_json:
        emit("items", items)


def _print(item: DetectedItem) -> None:
    sign = " ! " if item.kind is DetectedKind.NOTICE else _SIGNS[item.suggested]
    held = f" (held back: {item.held_back})" if item.secret else ""
    say(f"{sign} {item.kind.value:11} {item.name}{held}")
    say(f"                {item.evidence} ({item.confidence.value})")


async def _prepared(
    session: Session,
    client: Client,
    directory: Path,
    name: str = "",
    profile: str = "",
    settings: tuple[str, ...] = (),
) -> Prepared:
    connection = session.connection(await session.fleet(client))
    wanted = PrepareClone(absolute(directory), here(), None, name, profile, settings, connection)
    return await client.call(PREPARE, wanted)


class Options(TypedDict):
    """What `clone` and `create` share."""

    name: str
    profile: str
    settings: tuple[str, ...]
    only_plan: bool
    yes: bool
    wait: bool
    as_json: bool


_OPTIONS = (
    click.option("--name", default="", metavar="N", help="Name of the machine."),
    click.option("--profile", default="", metavar="P", help="Lay this profile over the file."),
    click.option("--set", "settings", multiple=True, metavar="K=V", help="Override, e.g. vm.ram_mb=4096."),
    click.option("--plan", "only_plan", is_flag=True, help="Only show what would be done; changes nothing."),
    click.option("--yes", "-y", is_flag=True, help="Do not ask."),
    click.option("--wait", is_flag=True, help="Wait until the machine is ready, with progress."),
    json_option,
)


def _with_options(body: Callable[..., int | None]) -> Callable[..., int | None]:
    for option in reversed(_OPTIONS):
        body = option(body)
    return body


@click.command(short_help="Clone a folder's environment into a machine.")
@click.argument("directory", metavar="DIR", type=PathThere(exists=True, file_okay=False, path_type=Path))
@_with_options
@command
async def clone(session: Session, directory: Path, **options: Unpack[Options]) -> int:
    """Clone the environment around DIR into a new machine.

    A `.clonebox.yaml` in DIR is used as it stands; without one, it is written from what is detected.
    """
    return await _make(session, directory, options)


@click.command(short_help="Make a machine from a project file.")
@click.option(
    "-f", "--file", required=True, type=PathThere(exists=True, path_type=Path), help="The project file."
)
@_with_options
@command
async def create(session: Session, file: Path, **options: Unpack[Options]) -> int:
    """Make the machine that a project file describes."""
    return await _make(session, file, options)


async def _make(session: Session, path: Path, options: Options) -> int:
    async with session.client() as client:
        prepared = await _prepared(
            session, client, path, options["name"], options["profile"], options["settings"]
        )
        if prepared.report is not None:
            for fault in prepared.report.faults:
                say(f"{prepared.report.file}: {fault.text()}", err=True)
        text = "" if prepared.existing else prepared.config_text
        act = CloneMachine(prepared.connection, prepared.wish, prepared.directory, text)
        if options["only_plan"]:
            plan = await planned(client, act)
            if options["as_json"]:
                emit("plans", [plan])
            else:
                show_plan(plan)
            return Exit.DONE
        client.may(RUN)  # before a question that would be in vain
        if not options["yes"]:
            confirm_clone(await planned(client, act))
        return await act_now(client, act, wait=options["wait"], as_json=options["as_json"])


def confirm_clone(plan: Plan) -> None:
    """Show what will be made and ask; without a terminal the answer must come as --yes."""
    if not sys.stdin.isatty():
        raise problem(
            Code.NOT_CONFIRMED, f"{plan.title}: not done.", why="nobody can be asked", next="Give --yes."
        )
    show_plan(plan, to_errors=True)
    click.confirm("Make this machine?", default=True, abort=True, err=True)
