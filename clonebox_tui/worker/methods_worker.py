"""Methods about the worker itself."""

import os
from pathlib import Path

from clonebox_tui import __version__
from clonebox_tui.model.problem import Code, ProblemError, problem
from clonebox_tui.model.rpc import (
    DESCRIBE,
    ENVIRONMENT_ALLOWED,
    HELLO,
    PROTOCOL,
    STATUS,
    STOP,
    Hello,
    Leaving,
    Nothing,
    StopWorker,
    Text,
    Welcome,
    WorkerStatus,
)
from clonebox_tui.secure_shell.agent import keep_agent
from clonebox_tui.worker.describe import openrpc
from clonebox_tui.worker.hub import notice
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session


def serve(server: Server) -> None:
    """Register them."""

    async def hello(session: Session, params: Hello) -> Welcome:
        if params.protocol != PROTOCOL:
            raise _other_protocol(params)
        session.hello = params
        if params.ssh_agent:
            keep_agent(server.world.places.state, params.ssh_agent)
        session.may_change = params.version == __version__
        return _welcome(server, session.may_change)

    async def status(_session: Session, _params: Nothing) -> WorkerStatus:
        places = server.world.places
        return WorkerStatus(
            __version__, os.getpid(), server.started_at, len(server.hub.sessions), server.engine.jobs.running,
            str(places.socket), str(places.state), str(places.worker_log), _rss_bytes(),
        )  # fmt: skip

    async def stop(_session: Session, params: StopWorker) -> Nothing:
        running = server.engine.jobs.running
        if running and not params.force:
            raise problem(
                Code.MACHINE_BUSY,
                f"The worker has {running} unfinished job{'s' if running > 1 else ''}, so it stays.",
                next="Wait for them (`clonebox-tui job list`), or give --force: they are undone.",
            )
        for session in server.hub.sessions:
            session.send(notice(Leaving()))
        server.leaving.set()
        return Nothing()

    async def describe(_session: Session, _params: Nothing) -> Text:
        return Text(openrpc())

    server.dispatch.serve(HELLO, hello)
    server.dispatch.serve(STATUS, status)
    server.dispatch.serve(STOP, stop)
    server.dispatch.serve(DESCRIBE, describe)


def _welcome(server: Server, may_change: bool) -> Welcome:
    world = server.world
    known = {name: os.environ[name] for name in ENVIRONMENT_ALLOWED if name in os.environ}
    return Welcome(__version__, PROTOCOL, os.getpid(), may_change, world.demo, world.arguments, known)


def _other_protocol(params: Hello) -> ProblemError:
    return problem(
        Code.VERSION_MISMATCH,
        "The running worker speaks another protocol.",
        why=f"the worker has version {__version__}, this program {params.version}",
        next="Run `clonebox-tui worker restart`.",
    )


def _rss_bytes() -> int:
    # proc(5): the second field is the resident set, in pages.
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
