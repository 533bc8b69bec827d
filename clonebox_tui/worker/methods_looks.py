"""Methods that look into disks: what differs between two moments, and single files as they were."""

from typing import TYPE_CHECKING

from clonebox_tui.model.difference import Difference, DiffWanted, FileFound, FileWanted
from clonebox_tui.model.rpc import DIFFERENCE, SNAPSHOT_FILE
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
            made.append(Looks(server.engine.fleet, server.world.places, server.engine.agent))
        return made[0]

    async def difference(_session: Session, params: DiffWanted) -> Difference:
        return await (await looks()).difference(params)

    async def file(_session: Session, params: FileWanted) -> FileFound:
        return await (await looks()).file(params)

    server.dispatch.serve(DIFFERENCE, difference)
    server.dispatch.serve(SNAPSHOT_FILE, file)
