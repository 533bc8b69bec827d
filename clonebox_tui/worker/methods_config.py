"""Methods about project files: what is written, what is wrong, what they may hold."""

import asyncio

import msgspec

from clonebox_tui.model.environment import CheckReport
from clonebox_tui.model.rpc import (
    CHECK_CONFIG,
    CHECK_WISH,
    RENDER,
    SCHEMA,
    CheckConfig,
    CheckWish,
    Nothing,
    RenderConfig,
    Text,
    WishFaults,
)
from clonebox_tui.worker.late import limits, loaded
from clonebox_tui.worker.methods_detect import absolute
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session

_CONFIG = "clonebox_tui.config"


def serve(server: Server) -> None:
    """Register them."""

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

    server.dispatch.serve(RENDER, render)
    server.dispatch.serve(CHECK_WISH, check_wish)
    server.dispatch.serve(CHECK_CONFIG, check)
    server.dispatch.serve(SCHEMA, schema)


def _check(params: CheckConfig) -> CheckReport:
    from clonebox_tui import config

    place = absolute(params.path, params.context.cwd)
    path = config.find_file(place) or (place / config.FILE_NAMES[0] if place.is_dir() else place)
    if params.text is not None:
        return config.check_text(path, params.text, params.context.env)
    return config.check(path, params.context.env)


def _taken(server: Server, connection: str) -> frozenset[str]:
    machines = server.engine.fleet.machines.values()
    return frozenset(each.name for each in machines if connection in ("", each.connection))
