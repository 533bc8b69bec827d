"""Methods about base images."""

from clonebox_tui.model.rpc import IMAGES, Images, OnConnection
from clonebox_tui.worker.late import loaded
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session


def serve(server: Server) -> None:
    """Register them."""

    async def images(_session: Session, params: OnConnection) -> Images:
        await loaded("clonebox_tui.engine.image_acts")
        from clonebox_tui.engine.image_acts import Images as Kept

        kept = Kept(server.engine.fleet, server.world.places)
        return Images(await kept.list(params.connection))

    server.dispatch.serve(IMAGES, images)
