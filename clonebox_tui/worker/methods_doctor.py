"""Methods about the host itself: what it can do, and putting right what is missing."""

import os
from typing import TYPE_CHECKING

from clonebox_tui.model.environment import Accel
from clonebox_tui.model.rpc import FIX, SURVEY, Fix, OnConnection, Survey
from clonebox_tui.worker.late import loaded
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session

if TYPE_CHECKING:
    from clonebox_tui.engine.doctor import Doctor


def serve(server: Server) -> None:
    """Register them."""

    async def survey(_session: Session, params: OnConnection) -> Survey:
        return await (await _doctor(server)).survey(params.connection)

    async def fix(_session: Session, params: Fix) -> Survey:
        return await (await _doctor(server)).fix(params.names)

    server.dispatch.serve(SURVEY, survey)
    server.dispatch.serve(FIX, fix)


async def _doctor(server: Server) -> "Doctor":
    await loaded("clonebox_tui.engine.detect")
    await loaded("clonebox_tui.engine.doctor")
    from clonebox_tui.engine.accel import VARIABLE, Accelerator, wished
    from clonebox_tui.engine.detect import read_host_limits
    from clonebox_tui.engine.doctor import Doctor

    accelerator = Accelerator(server.world.places.cache)

    async def decide() -> tuple[str, str]:
        found = await accelerator.decide(wished(Accel.AUTO, os.environ.get(VARIABLE, "")))
        return found.accelerator, found.reason

    return Doctor(server.engine.fleet, server.world.places, decide, read_host_limits, server.engine.jobs.jobs)
