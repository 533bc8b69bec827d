"""Methods about the environment around a folder: what is detected there, and the wish it becomes."""

from pathlib import Path

import msgspec

from clonebox_tui.model.rpc import (
    DETECT,
    PREPARE,
    Detect,
    OpenedStream,
    PrepareClone,
    Prepared,
)
from clonebox_tui.worker.late import limits, loaded
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session
from clonebox_tui.worker.streams import Outgoing

_DETECT = "clonebox_tui.engine.detect.preparing"


def serve(server: Server) -> None:
    """Register them."""

    async def detect(session: Session, params: Detect) -> OpenedStream:
        await loaded(_DETECT)

        async def produce(outgoing: Outgoing) -> None:
            from clonebox_tui.engine.detect import detect as find

            directory = absolute(params.directory, params.context.cwd)
            async for item in find(directory, params.context.env):
                await outgoing.send(items=(item,))

        return session.streams.open(produce)

    async def prepare(_session: Session, params: PrepareClone) -> Prepared:
        await loaded(_DETECT)
        from clonebox_tui.engine.detect.preparing import prepare as prepared

        directory = str(absolute(params.directory, params.context.cwd))
        return await prepared(msgspec.structs.replace(params, directory=directory), await limits(server))

    server.dispatch.serve(DETECT, detect)
    server.dispatch.serve(PREPARE, prepare)


def absolute(path: str, cwd: str) -> Path:
    """A path as the caller meant it: relative to the caller's folder, never to the worker's."""
    return Path(cwd, path)
