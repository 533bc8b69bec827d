"""Names the shell can complete: asked of a worker that runs already, within a fraction of a second."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

import click

from clonebox_tui.cli.session import Session
from clonebox_tui.client import Client
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.resolve import resolve
from clonebox_tui.model.rpc import IMAGES, JOBS, SNAPSHOTS, TRASH, Nothing, OnConnection, OnMachine

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_PATIENCE_SECONDS = 0.25
_SSH = "ssh://"


class Asking(NamedTuple):
    """A question while it is asked: `machine` is what stands on the line before, `uris` after --connect."""

    client: Client
    machine: str
    uris: tuple[str, ...]

    async def machines(self) -> list[Machine]:
        """Those of the wanted connections."""
        known = (await self.client.fleet()).machines
        return [each for each in known if not self.uris or each.connection in self.uris]


Question = Callable[[Asking], Awaitable[list[str]]]


def _ask(ctx: click.Context, question: Question) -> list[str]:
    root = ctx.find_root().params
    if root.get("host"):
        return []  # another host cannot answer while somebody waits at a prompt
    session = Session(uris=tuple(root.get("uris") or ()), demo=bool(root.get("demo")))
    machine = str(ctx.params.get("machine") or "")

    async def answer() -> list[str]:
        async with asyncio.timeout(_PATIENCE_SECONDS), session.client(spawn=False) as client:
            return await question(Asking(client, machine, session.uris))

    try:
        return asyncio.run(answer())
    except (ProblemError, TimeoutError, OSError):
        return []


class Name(click.ParamType[str]):
    """A parameter that is a name the worker knows."""

    def __init__(self, kind: str) -> None:
        self.name = kind

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002 click's signature
        incomplete: str,
    ) -> "list[CompletionItem]":
        # Only a shell's question needs it, not every command.
        from click.shell_completion import CompletionItem

        names = _ask(ctx, _QUESTIONS[self.name])
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def hosts(incomplete: str) -> list[str]:
    """Other hosts whose key was accepted, as `--host` takes them; none of them is asked."""
    from clonebox_tui.model.places import places
    from clonebox_tui.secure_shell.pins import Pins

    user, at, _ = incomplete.removeprefix(_SSH).rpartition("@")
    try:
        known = Pins(places(os.environ, os.getuid()).known_hosts).places()
    except ProblemError:
        return []
    found = (f"{_SSH}{user}{at}{place}" for place in known)
    return [each for each in found if each.startswith(incomplete)]


async def _machines(asking: Asking) -> list[str]:
    # A name that stands for several is offered once.
    return list(dict.fromkeys(each.name for each in await asking.machines()))


async def _snapshots(asking: Asking) -> list[str]:
    found = resolve(asking.machine, await asking.machines())
    return [each.name for each in (await asking.client.call(SNAPSHOTS, OnMachine(found.id))).snapshots]


async def _images(asking: Asking) -> list[str]:
    return [each.name for each in (await asking.client.call(IMAGES, OnConnection())).images]


async def _jobs(asking: Asking) -> list[str]:
    return [each.id for each in (await asking.client.call(JOBS, Nothing())).jobs]


async def _connections(asking: Asking) -> list[str]:
    return [each.uri for each in (await asking.client.fleet()).connections]


async def _trashed(asking: Asking) -> list[str]:
    kept = await asking.client.call(TRASH, Nothing())
    names = {each.id: each.name for each in await asking.machines()}
    snapshots = [f"{names[each.machine]}/{each.name}" for each in kept.snapshots if each.machine in names]
    return [*(each.name for each in kept.machines), *snapshots]


_QUESTIONS: dict[str, Question] = {
    "machine": _machines,
    "snapshot": _snapshots,
    "image": _images,
    "job": _jobs,
    "connection": _connections,
    "trashed": _trashed,
}

MACHINE = Name("machine")
SNAPSHOT = Name("snapshot")
IMAGE = Name("image")
JOB = Name("job")
CONNECTION = Name("connection")
TRASHED = Name("trashed")
