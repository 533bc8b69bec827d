"""Methods about streams, and the command in a guest that is one."""

from clonebox_tui.guest.streaming import stream as run_in_guest
from clonebox_tui.model.rpc import (
    EXECUTE,
    STREAM_ACK,
    STREAM_CLOSE,
    STREAM_WRITE,
    CloseStream,
    Execute,
    Nothing,
    OpenedStream,
    StreamAck,
    StreamWrite,
)
from clonebox_tui.worker.server import Server
from clonebox_tui.worker.session import Session
from clonebox_tui.worker.streams import Outgoing


def serve(server: Server) -> None:
    """Register them."""

    async def execute(session: Session, params: Execute) -> OpenedStream:
        agent = server.engine.agent(params.machine)

        async def produce(outgoing: Outgoing) -> None:
            async def heard(name: str, data: bytes) -> None:
                await outgoing.send(**{name: data})

            given = outgoing.input() if params.stdin else None
            result = await run_in_guest(agent, params.argv, heard, given, params.timeout_seconds)
            outgoing.finish(
                exit_code=None if result.timed_out else result.exit_code,
                timed_out=result.timed_out,
                truncated=result.truncated,
            )

        return session.streams.open(produce)

    async def acknowledge(session: Session, params: StreamAck) -> Nothing:
        session.streams.acknowledge(params.stream, params.sequence)
        return Nothing()

    async def write(session: Session, params: StreamWrite) -> Nothing:
        await session.streams.get(params.stream).write(params.data, params.end)
        return Nothing()

    async def close(session: Session, params: CloseStream) -> Nothing:
        session.streams.close(params.stream)
        return Nothing()

    server.dispatch.serve(EXECUTE, execute)
    server.dispatch.serve(STREAM_ACK, acknowledge)
    server.dispatch.serve(STREAM_WRITE, write)
    server.dispatch.serve(STREAM_CLOSE, close)
