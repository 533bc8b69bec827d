"""Methods about one machine: its details, history, snapshots, log."""

from contextlib import aclosing

import msgspec

from clonebox_tui.engine.core import Engine
from clonebox_tui.model.diagnosis import Diagnosis
from clonebox_tui.model.machine import MachineDetails
from clonebox_tui.model.rpc import (
    FOLLOW_LOG,
    HISTORY,
    SHOW,
    SNAPSHOTS,
    WHY,
    FollowLog,
    HistoryWanted,
    OnMachine,
    OpenedStream,
    Snapshots,
)
from clonebox_tui.model.sample import Series
from clonebox_tui.worker.late import loaded
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session
from clonebox_tui.worker.streams import Outgoing


def serve(server: Server) -> None:
    """Register them."""
    engine = server.engine
    fleet = engine.fleet

    async def show(_session: Session, params: OnMachine) -> MachineDetails:
        provider, uuid = fleet.provider_of(params.machine)
        details = await provider.details(uuid)
        logs = (*details.log_sources, *engine.logs.beside(params.machine))
        return msgspec.structs.replace(details, machine=fleet.machine(params.machine), log_sources=logs)

    async def why(_session: Session, params: OnMachine) -> Diagnosis:
        return await _explained(engine, params.machine)

    async def snapshots(_session: Session, params: OnMachine) -> Snapshots:
        provider, uuid = fleet.provider_of(params.machine)
        found, hidden = await provider.snapshots(uuid), engine.hidden
        seen, unseen = hidden.visible(params.machine, found), hidden.hidden(params.machine, found)
        return Snapshots(params.machine, seen, unseen)

    async def history(_session: Session, params: HistoryWanted) -> Series:
        if params.machine not in fleet.connections:
            fleet.machine(params.machine)
        return await engine.sampler.history(params)

    async def follow_log(session: Session, params: FollowLog) -> OpenedStream:
        fleet.machine(params.machine)
        return session.streams.open(lambda outgoing: _send_log(engine, params, outgoing))

    server.dispatch.serve(SHOW, show)
    server.dispatch.serve(WHY, why)
    server.dispatch.serve(SNAPSHOTS, snapshots)
    server.dispatch.serve(HISTORY, history)
    server.dispatch.serve(FOLLOW_LOG, follow_log)


async def _explained(engine: Engine, machine: str) -> Diagnosis:
    await loaded("clonebox_tui.engine.why.gathering")
    from clonebox_tui.engine.why import explain
    from clonebox_tui.engine.why.gathering import gather

    return explain(await gather(engine.fleet, machine, engine.agent(machine), engine.jobs.jobs()))


async def _send_log(engine: Engine, params: FollowLog, outgoing: Outgoing) -> None:
    source = params.sources or params.source
    read = engine.logs.follow(params.machine, source, params.lines, params.follow, params.lossy)
    async with aclosing(read) as batches:
        async for lines in batches:
            await outgoing.send(lines=tuple(lines))
