"""Methods of the time machine: what differs between two moments, single files as they were, policies."""

import asyncio
from typing import TYPE_CHECKING

from clonebox_tui.engine.snapshots.policies import Policies
from clonebox_tui.model.difference import Difference, DiffWanted, FileFound, FileWanted
from clonebox_tui.model.rpc import DIFFERENCE, POLICY, SNAPSHOT_FILE, OnMachine
from clonebox_tui.model.snapshot_policy import SnapshotPolicy
from clonebox_tui.worker.late import loaded
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session

if TYPE_CHECKING:
    from clonebox_tui.engine.looks.difference import Looks


def serve(server: Server) -> None:
    """Register them."""
    made: list[Looks] = []

    async def looks() -> "Looks":
        await loaded("clonebox_tui.engine.looks.difference")
        from clonebox_tui.engine.looks.difference import Looks

        if not made:
            engine = server.engine
            made.append(Looks(engine.fleet, server.world.places, engine.agent, engine.recorded))
        return made[0]

    async def difference(_session: Session, params: DiffWanted) -> Difference:
        return await (await looks()).difference(params)

    async def file(_session: Session, params: FileWanted) -> FileFound:
        return await (await looks()).file(params)

    async def policy(_session: Session, params: OnMachine) -> SnapshotPolicy:
        server.engine.fleet.machine(params.machine)
        return await asyncio.to_thread(Policies(server.world.places.config).of, params.machine)

    server.dispatch.serve(POLICY, policy)
    server.dispatch.serve(DIFFERENCE, difference)
    server.dispatch.serve(SNAPSHOT_FILE, file)
