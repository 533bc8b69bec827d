"""Methods about a machine's console: a stream of bytes both ways, and the size of its terminal."""

import asyncio

from clonebox_tui.guest.terminal import resize
from clonebox_tui.model.rpc import (
    GIVE_PASSWORD,
    OPEN_CONSOLE,
    RESIZE_CONSOLE,
    GivenPassword,
    GivePassword,
    Nothing,
    OpenConsole,
    OpenedStream,
    ResizeConsole,
)
from clonebox_tui.providers.console import Console
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session
from clonebox_tui.worker.streams import Outgoing


def serve(server: Server) -> None:
    """Register them."""
    engine = server.engine

    async def open_console(session: Session, params: OpenConsole) -> OpenedStream:
        provider, uuid = engine.fleet.provider_of(params.machine)
        line = await provider.console(uuid, params.take_over)

        async def produce(outgoing: Outgoing) -> None:
            try:
                await _carry(line, outgoing)
            finally:
                await line.close()

        return session.streams.open(produce)

    async def resize_console(_session: Session, params: ResizeConsole) -> Nothing:
        await resize(engine.agent(params.machine), params.rows, params.columns)
        return Nothing()

    async def give(_session: Session, params: GivePassword) -> GivenPassword:
        from clonebox_tui.guest.password import give_password

        password, once = await give_password(engine.agent(params.machine), params.user)
        return GivenPassword(params.user, password, once)

    server.dispatch.serve(GIVE_PASSWORD, give)
    server.dispatch.serve(OPEN_CONSOLE, open_console)
    server.dispatch.serve(RESIZE_CONSOLE, resize_console)


async def _carry(line: Console, outgoing: Outgoing) -> None:
    typing = asyncio.create_task(_type(line, outgoing))
    try:
        while data := await line.read():
            await outgoing.send(stdout=data)
    finally:
        typing.cancel()
        await asyncio.wait([typing])


async def _type(line: Console, outgoing: Outgoing) -> None:
    async for data in outgoing.input():
        await line.write(data)
