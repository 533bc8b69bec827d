"""Methods about what was deleted and can be brought back."""

import asyncio

from clonebox_tui.model.rpc import TRASH, Nothing, Trash
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session


def serve(server: Server) -> None:
    """Register them."""
    entries = server.engine.trash

    async def trash(_session: Session, _params: Nothing) -> Trash:
        found = await asyncio.to_thread(entries.all)
        return Trash(tuple(entry.machine for _, entry in found), server.engine.hidden.all)

    server.dispatch.serve(TRASH, trash)
