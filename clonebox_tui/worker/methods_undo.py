"""Methods about what was done: listed, taken back, done again."""

from clonebox_tui.model.job import Job
from clonebox_tui.model.rpc import DEEDS, PLAN_UNDO, UNDO, Deeds, Nothing, OnDeed, PlannedUndo, Undo
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session


def serve(server: Server) -> None:
    """Register them."""
    history = server.engine.history

    async def deeds(_session: Session, _params: Nothing) -> Deeds:
        return Deeds(await history.deeds())

    async def plan(_session: Session, params: OnDeed) -> PlannedUndo:
        return await history.plan(params)

    async def undo(_session: Session, params: Undo) -> Job:
        return await history.run(params)

    server.dispatch.serve(DEEDS, deeds)
    server.dispatch.serve(PLAN_UNDO, plan)
    server.dispatch.serve(UNDO, undo)
