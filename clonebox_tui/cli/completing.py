"""Names the shell can complete: asked of a worker that runs already, within a fraction of a second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import click

from clonebox_tui.cli.session import Session
from clonebox_tui.client import Client
from clonebox_tui.model.problem import ProblemError
from clonebox_tui.model.resolve import resolve
from clonebox_tui.model.rpc import IMAGES, JOBS, SNAPSHOTS, Nothing, OnConnection, OnMachine

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_PATIENCE_SECONDS = 0.25


def _ask(ctx: click.Context, question: Callable[[Client], Awaitable[list[str]]]) -> list[str]:
    root = ctx.find_root().params
    if root.get("host"):
        return []  # another host cannot answer while somebody waits at a prompt
    session = Session(uris=tuple(root.get("uris") or ()), demo=bool(root.get("demo")))

    async def answer() -> list[str]:
        async with asyncio.timeout(_PATIENCE_SECONDS), session.client(spawn=False) as client:
            return await question(client)

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

        machine = str(ctx.params.get("machine") or "")
        names = _ask(ctx, lambda client: _QUESTIONS[self.name](client, machine))
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


async def _machines(client: Client, _machine: str) -> list[str]:
    return [each.name for each in (await client.fleet()).machines]


async def _snapshots(client: Client, machine: str) -> list[str]:
    found = resolve(machine, (await client.fleet()).machines)
    return [each.name for each in (await client.call(SNAPSHOTS, OnMachine(found.id))).snapshots]


async def _images(client: Client, _machine: str) -> list[str]:
    return [each.name for each in (await client.call(IMAGES, OnConnection())).images]


async def _jobs(client: Client, _machine: str) -> list[str]:
    return [each.id for each in (await client.call(JOBS, Nothing())).jobs]


async def _connections(client: Client, _machine: str) -> list[str]:
    return [each.uri for each in (await client.fleet()).connections]


_QUESTIONS: dict[str, Callable[[Client, str], Awaitable[list[str]]]] = {
    "machine": _machines,
    "snapshot": _snapshots,
    "image": _images,
    "job": _jobs,
    "connection": _connections,
}

MACHINE = Name("machine")
SNAPSHOT = Name("snapshot")
IMAGE = Name("image")
JOB = Name("job")
CONNECTION = Name("connection")
