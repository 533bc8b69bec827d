"""What all commands share: the options before the command, the way to the worker, the wait for machines."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from clonebox_tui.cli.output import say
from clonebox_tui.client import Client, Event
from clonebox_tui.model.connection import Connection, Link
from clonebox_tui.model.machine import Machine
from clonebox_tui.model.places import Places, places
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.resolve import resolve
from clonebox_tui.model.rpc import Fleet, FleetChanged, Watch

T = TypeVar("T")

FIRST_ANSWER_SECONDS = 15.0
"""How long a command waits for connections that are still being made."""

_OTHER_DEMO = "The demo is in use and stays as it is: --machines and --seed count once it begins anew."


@dataclass(frozen=True)
class Session:
    """The global options of one invocation."""

    uris: tuple[str, ...] = ()
    demo: bool = False
    machines: int | None = None
    seed: int | None = None
    readonly: bool = False
    host: str = ""
    """ssh://user@server[:port], where the worker is not on this host."""

    @property
    def places(self) -> Places:
        """Where this user's (or the demo's) worker and files are."""
        return places(os.environ, os.getuid(), self.demo)

    @property
    def worker_arguments(self) -> tuple[str, ...]:
        """What a worker that has to be started is told."""
        given = (("--machines", self.machines), ("--seed", self.seed))
        return tuple(word for name, value in given if value is not None for word in (name, str(value)))

    @asynccontextmanager
    async def client(self, spawn: bool = True) -> AsyncIterator[Client]:
        """A connected client."""
        client = await Client.connect(
            self.places,
            spawn=spawn,
            demo=self.demo,
            worker_arguments=self.worker_arguments,
            uris=self.uris,
            readonly=self.readonly,
            host=self.host,
        )
        if client.other_demo:
            say(_OTHER_DEMO, err=True)
        async with client:
            yield client

    async def fleet(self, client: Client) -> Fleet:
        """The machines of the wanted connections, once each of these is up or known to be down."""
        fleet = await client.fleet()
        # The worker has waited for other hosts as long as one may: one that hangs holds up nobody.
        connecting = {
            each.uri
            for each in self._wanted(fleet)
            if each.link is Link.CONNECTING and not is_remote(each.uri)
        }
        if connecting:
            await settled(client, connecting)
            fleet = await client.fleet()
        uris = {each.uri for each in self._wanted(fleet)}
        return Fleet(
            tuple(each for each in fleet.machines if each.connection in uris),
            self._wanted(fleet),
            fleet.event,
            fleet.limits,
        )

    async def machine(self, client: Client, wanted: str) -> Machine:
        """The machine that `wanted` names; says so when its connection is down."""
        return self.find(await self.fleet(client), wanted)

    def find(self, fleet: Fleet, wanted: str) -> Machine:
        """The machine of `fleet` that `wanted` names."""
        try:
            return resolve(wanted, fleet.machines)
        except ProblemError as error:
            lost = next((each for each in fleet.connections if each.link is not Link.UP), None)
            if error.problem.code is Code.MACHINE_NOT_FOUND and lost is not None and not fleet.machines:
                raise unreachable(lost) from error
            if error.problem.code is Code.MACHINE_NOT_FOUND and lost is not None:
                why = f"{error.problem.why} {lost.uri} could not be asked: it is {lost.link.value}.".lstrip()
                raise ProblemError(msgspec.structs.replace(error.problem, why=why)) from error
            raise

    def connection(self, fleet: Fleet) -> str:
        """The connection new things go to: the one given, else the first that is up."""
        up = [each.uri for each in fleet.connections if each.link is Link.UP]
        if up:
            return min(up, key=is_remote)
        if fleet.connections:
            raise unreachable(fleet.connections[0])
        raise problem(
            Code.CONNECTION_FAILED, "There is no connection to any host.", next="Run `clonebox-tui doctor`."
        )

    def _wanted(self, fleet: Fleet) -> tuple[Connection, ...]:
        return tuple(each for each in fleet.connections if not self.uris or each.uri in self.uris)


def unreachable(connection: Connection) -> ProblemError:
    """The error that says why a connection is down."""
    if connection.problem is not None:
        return ProblemError(connection.problem)
    return problem(
        Code.CONNECTION_FAILED,
        f"{connection.uri} does not answer.",
        why=f"it is {connection.link.value}",
        next="Run `clonebox-tui doctor`.",
    )


async def settled(client: Client, connecting: set[str]) -> None:
    """Wait until none of these connections is still being made, or the time is up."""
    done = asyncio.Event()

    def hear(event: Event) -> None:
        if isinstance(event, FleetChanged):
            connecting.difference_update(
                each.uri for each in event.connections if each.link is not Link.CONNECTING
            )
            if not connecting:
                done.set()

    forget = client.listen(hear)
    try:
        await client.watch(Watch(samples=False))
        hear(FleetChanged(0, connections=(await client.fleet()).connections))
        async with asyncio.timeout(FIRST_ANSWER_SECONDS):
            await done.wait()
    except TimeoutError:
        return  # What is still connecting is shown so.
    finally:
        forget()


def absolute(path: Path) -> str:
    """A path as the worker, which lives elsewhere, must be told it. USAGE: part of one on another host."""
    session = click.get_current_context().find_object(Session)
    if session is not None and session.host and not path.is_absolute():
        raise problem(
            Code.USAGE,
            f"{path} is no whole path.",
            why=f"with --host it names something on {session.host}, which has no current folder",
            next="Give the whole path there, from / on.",
        )
    return str(path.absolute())


class PathThere(click.Path):
    """A path of the worker's host: it is looked for here only where that is this one."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """The path; checked by the worker where it lies on another host."""
        session = ctx.find_object(Session) if ctx else None
        if session is not None and session.host:
            return Path(value)
        return super().convert(value, param, ctx)


def command(function: Callable[..., Awaitable[int | None]]) -> Callable[..., int | None]:
    """Make an async function `f(session, …)` the body of a click command."""
    from functools import wraps

    @wraps(function)
    def run(*args: object, **kwargs: object) -> int | None:
        session = click.get_current_context().find_object(Session)
        return asyncio.run(_awaited(function(session, *args, **kwargs)))

    return run


async def _awaited(work: Awaitable[T]) -> T:
    return await work
