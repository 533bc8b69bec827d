"""Methods about the fleet as a whole, and what a front end wants to hear of it."""

import asyncio
from heapq import nsmallest

import msgspec

from clonebox_tui.model.machine import by_name
from clonebox_tui.model.remote import is_remote
from clonebox_tui.model.rpc import (
    CONNECT,
    FLEET,
    WATCH,
    Connect,
    Fleet,
    Nothing,
    Watch,
)
from clonebox_tui.model.secrets import refuse_password
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session

LIST_SECONDS = 10.0
"""How long a list waits for connections that are still being tried; they show as `connecting` then."""

FAR_LIST_SECONDS = 4.0
"""The same for other hosts: one that does not answer at all must not hold up what is here."""

FIRST_LIST_SECONDS = 1.0
"""The same for the first answer to a front end, which hears of the rest by notifications."""


def first_of(fleet: Fleet, wanted: Connect) -> Fleet:
    """As many of the fleet's machines as are wanted at first."""
    if not wanted.first or len(fleet.machines) <= wanted.first:
        return fleet
    named = [each for each in fleet.machines if not wanted.uris or each.connection in wanted.uris]
    first = tuple(nsmallest(wanted.first, named, key=by_name))
    return msgspec.structs.replace(fleet, machines=first, more=len(fleet.machines) - len(first))


def serve(server: Server) -> None:
    """Register them."""
    fleet = server.engine.fleet

    async def everything(session: Session, seconds: float) -> Fleet:
        session.listing += 1
        try:
            near = [uri for uri in fleet.connections if not is_remote(uri)]
            await asyncio.gather(fleet.opened(seconds, near), fleet.opened(min(seconds, FAR_LIST_SECONDS)))
            # What waits to be told is in the list: this front end is spared the same again.
            fleet.tell_now()
        finally:
            session.listing -= 1
        machines, connections = tuple(fleet.machines.values()), tuple(fleet.connections.values())
        return Fleet(machines, connections, server.hub.last_event, server.engine.limits)

    async def list_all(session: Session, _params: Nothing) -> Fleet:
        return await everything(session, LIST_SECONDS)

    async def connect(session: Session, params: Connect) -> Fleet:
        for uri in params.uris:
            refuse_password(uri)
        server.passing.want(session, params.uris)
        return first_of(await everything(session, FIRST_LIST_SECONDS), params)

    async def watch(session: Session, params: Watch) -> Nothing:
        server.hub.watch(session, params)
        server.watched(session)
        return Nothing()

    server.dispatch.serve(FLEET, list_all)
    server.dispatch.serve(CONNECT, connect)
    server.dispatch.serve(WATCH, watch)
