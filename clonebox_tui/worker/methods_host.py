"""Methods about the host: its base images, what it can do, what can be put right."""

import os
from typing import TYPE_CHECKING

from clonebox_tui.model.environment import Accel
from clonebox_tui.model.rpc import (
    FIX,
    IMAGES,
    SURVEY,
    Fix,
    Images,
    OnConnection,
    Survey,
)
from clonebox_tui.worker.late import loaded
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session

if TYPE_CHECKING:
    from clonebox_tui.engine.doctor import Doctor

_COSTLY = ("clonebox_tui.engine.detect", "clonebox_tui.engine.doctor", "clonebox_tui.engine.image_acts")


def serve(server: Server) -> None:
    """Register them."""
    fleet, places = server.engine.fleet, server.world.places

    async def images(_session: Session, params: OnConnection) -> Images:
        await loaded("clonebox_tui.engine.image_acts")
        from clonebox_tui.engine.image_acts import Images as Kept

        return Images(await Kept(fleet, places).list(params.connection))

    async def survey(_session: Session, params: OnConnection) -> Survey:
        return await (await doctor(server)).survey(params.connection)

    async def fix(_session: Session, params: Fix) -> Survey:
        return await (await doctor(server)).fix(params.names)

    server.dispatch.serve(IMAGES, images)
    server.dispatch.serve(SURVEY, survey)
    server.dispatch.serve(FIX, fix)


async def doctor(server: Server) -> "Doctor":
    """The doctor of this worker's host."""
    for module in _COSTLY:
        await loaded(module)
    from clonebox_tui.engine.accel import VARIABLE, Accelerator, wished
    from clonebox_tui.engine.detect import read_host_limits
    from clonebox_tui.engine.doctor import Doctor

    accelerator = Accelerator(server.world.places.cache)

    async def decided() -> tuple[str, str]:
        found = await accelerator.decide(wished(Accel.AUTO, os.environ.get(VARIABLE, "")))
        return found.accelerator, found.reason

    return Doctor(server.engine.fleet, server.world.places, decided, read_host_limits)
