"""Methods about connections and machines."""

import msgspec

from clonebox_tui.model.machine import MachineDetails
from clonebox_tui.model.rpc import (
    CONNECT,
    FLEET,
    SHOW,
    SNAPSHOTS,
    WATCH,
    Connect,
    Fleet,
    Nothing,
    OnMachine,
    Snapshots,
    Watch,
)
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session

LIST_SECONDS = 10.0
"""How long a list waits for connections that are still being tried; they show as `connecting` then."""

FIRST_LIST_SECONDS = 1.0
"""The same for the first answer to a front end, which hears of the rest by notifications."""


def serve(server: Server) -> None:
    """Register them."""
    fleet = server.engine.fleet

    def everything() -> Fleet:
        return Fleet(
            tuple(fleet.machines.values()), tuple(fleet.connections.values()), server.hub.last_event,
            server.engine.limits,
        )  # fmt: skip

    async def list_all(_session: Session, _params: Nothing) -> Fleet:
        await fleet.opened(LIST_SECONDS)
        return everything()

    async def connect(_session: Session, params: Connect) -> Fleet:
        for uri in params.uris:
            fleet.add(uri)
        await fleet.opened(FIRST_LIST_SECONDS)
        return everything()

    async def watch(session: Session, params: Watch) -> Nothing:
        server.hub.watch(session, params)
        server.watched()
        return Nothing()

    async def show(_session: Session, params: OnMachine) -> MachineDetails:
        provider, uuid = fleet.provider_of(params.machine)
        details = await provider.details(uuid)
        return msgspec.structs.replace(details, machine=fleet.machine(params.machine))

    async def snapshots(_session: Session, params: OnMachine) -> Snapshots:
        provider, uuid = fleet.provider_of(params.machine)
        return Snapshots(params.machine, tuple(await provider.snapshots(uuid)))

    server.dispatch.serve(FLEET, list_all)
    server.dispatch.serve(CONNECT, connect)
    server.dispatch.serve(WATCH, watch)
    server.dispatch.serve(SHOW, show)
    server.dispatch.serve(SNAPSHOTS, snapshots)
