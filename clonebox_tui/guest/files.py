"""Read and write whole files of a guest through its agent, bounded."""

import base64

import msgspec

from clonebox_tui.guest.agent import Agent
from clonebox_tui.model.problem import Code, ProblemError, problem

PIECE_BYTES = 512 * 1024
"""One answer's worth: as base64 it stays far below libvirt's 4 MB."""
WRITE_BYTES = 48 * 1024


class _Read(msgspec.Struct, frozen=True):
    count: int
    eof: bool
    data: str = msgspec.field(default="", name="buf-b64")


async def read_file(agent: Agent, path: str, limit_bytes: int = 1024 * 1024) -> bytes:
    """The first `limit_bytes` of a guest's file. FILE_NOT_FOUND when it cannot be opened."""
    try:
        handle = await open_file(agent, path, "r")
    except ProblemError as error:
        if error.problem.code is not Code.GUEST_ERROR:
            raise
        raise problem(
            Code.FILE_NOT_FOUND,
            f"{path} cannot be read in the guest.",
            why=error.problem.why,
            next="Check the path in the guest.",
        ) from error
    content = b""
    try:
        while len(content) < limit_bytes:
            piece, eof = await read_piece(agent, handle, min(PIECE_BYTES, limit_bytes - len(content)))
            content += piece
            if eof or not piece:
                break
    finally:
        await close_file(agent, handle)
    return content


async def write_file(agent: Agent, path: str, content: bytes) -> None:
    """Make the guest's file hold `content`, nothing else."""
    handle = await open_file(agent, path, "w")
    try:
        for start in range(0, len(content), WRITE_BYTES):
            piece = base64.b64encode(content[start : start + WRITE_BYTES]).decode()
            await agent.command("guest-file-write", handle=handle, buf_b64=piece)
    finally:
        await close_file(agent, handle)


async def open_file(agent: Agent, path: str, mode: str) -> int:
    """A handle of the agent's; GUEST_ERROR when the file cannot be opened."""
    return await agent.ask(int, "guest-file-open", path=path, mode=mode)


async def read_piece(agent: Agent, handle: int, count: int = PIECE_BYTES) -> tuple[bytes, bool]:
    """What comes next, and whether that was the end for now (a growing file gives more later)."""
    answer = await agent.ask(_Read, "guest-file-read", handle=handle, count=count)
    return base64.b64decode(answer.data)[: answer.count], answer.eof


async def close_file(agent: Agent, handle: int) -> None:
    """Give a handle back."""
    await agent.command("guest-file-close", handle=handle)
