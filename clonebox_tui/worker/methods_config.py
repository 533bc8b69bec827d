"""Methods about project files: what is detected, what is wished, what is written, what is wrong."""

import asyncio
from pathlib import Path

import msgspec

from clonebox_tui.model.environment import CheckReport
from clonebox_tui.model.rpc import (
    CHECK_CONFIG,
    CHECK_WISH,
    DETECT,
    PREPARE,
    RENDER,
    SCHEMA,
    CheckConfig,
    CheckWish,
    Detect,
    Nothing,
    OpenedStream,
    PrepareClone,
    Prepared,
    RenderConfig,
    Text,
    WishFaults,
)
from clonebox_tui.worker.late import limits, loaded
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session
from clonebox_tui.worker.streams import Outgoing

_CONFIG, _DETECT = "clonebox_tui.config", "clonebox_tui.engine.detect"


def serve(server: Server) -> None:
    """Register them."""

    async def detect(session: Session, params: Detect) -> OpenedStream:
        await loaded(_DETECT)

        async def produce(outgoing: Outgoing) -> None:
            from clonebox_tui.engine.detect import detect as find

            directory = _absolute(params.directory, params.context.cwd)
            async for item in find(directory, params.context.env):
                await outgoing.send(items=(item,))

        return session.streams.open(produce)

    async def prepare(_session: Session, params: PrepareClone) -> Prepared:
        await loaded(_DETECT)
        from clonebox_tui.engine.detect.preparing import prepare as prepared

        directory = str(_absolute(params.directory, params.context.cwd))
        return await prepared(msgspec.structs.replace(params, directory=directory), await limits(server))

    async def render(_session: Session, params: RenderConfig) -> Text:
        await loaded(_CONFIG)
        from clonebox_tui.config import render as rendered

        return Text(await asyncio.to_thread(rendered, params.wish, params.items))

    async def check_wish(_session: Session, params: CheckWish) -> WishFaults:
        await loaded(_CONFIG)
        from clonebox_tui.config import check_wish as checked

        taken = _taken(server, params.connection or params.wish.connection or "")
        return await asyncio.to_thread(checked, params.wish, await limits(server), taken)

    async def check(_session: Session, params: CheckConfig) -> CheckReport:
        return await asyncio.to_thread(_check, params)

    async def schema(_session: Session, _params: Nothing) -> Text:
        await loaded(_CONFIG)
        from clonebox_tui.config import schema as described

        return Text(msgspec.json.format(msgspec.json.encode(described()), indent=2).decode())

    server.dispatch.serve(DETECT, detect)
    server.dispatch.serve(PREPARE, prepare)
    server.dispatch.serve(RENDER, render)
    server.dispatch.serve(CHECK_WISH, check_wish)
    server.dispatch.serve(CHECK_CONFIG, check)
    server.dispatch.serve(SCHEMA, schema)


def _absolute(path: str, cwd: str) -> Path:
    """A path as the caller meant it: relative to the caller's folder, never to the worker's."""
    return Path(cwd, path)


def _check(params: CheckConfig) -> CheckReport:
    from clonebox_tui import config

    place = _absolute(params.path, params.context.cwd)
    path = config.find_file(place) or (place / config.FILE_NAMES[0] if place.is_dir() else place)
    if params.text is not None:
        return config.check_text(path, params.text, params.context.env)
    return config.check(path, params.context.env)


def _taken(server: Server, connection: str) -> frozenset[str]:
    machines = server.engine.fleet.machines.values()
    return frozenset(each.name for each in machines if connection in ("", each.connection))
