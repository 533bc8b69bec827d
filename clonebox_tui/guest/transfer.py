"""Carry a file's bytes out of a guest or into it through the agent, from any offset on."""

import base64
from collections.abc import AsyncIterable, AsyncIterator

from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import run
from clonebox_tui.guest.files import PIECE_BYTES, WRITE_BYTES, close_file, open_file, read_piece
from clonebox_tui.model.problem import Code, ProblemError, problem

_SUM = 'head -c "$2" -- "$1" | sha256sum'
_HEX_DIGITS = 64


async def read_from(agent: Agent, path: str, offset: int, length: int = 0) -> AsyncIterator[bytes]:
    """The bytes of a guest's file from `offset`, up to `length` in all or the file's end (0)."""
    handle = await _opened(agent, path, "r")
    try:
        if offset:
            await agent.command("guest-file-seek", handle=handle, offset=offset, whence="set")
        left = length - offset if length else PIECE_BYTES
        while left > 0:
            piece, eof = await read_piece(agent, handle, min(PIECE_BYTES, left))
            if piece:
                yield piece
            if eof or not piece:
                return
            left -= len(piece) if length else 0
    finally:
        await close_file(agent, handle)


async def append_to(agent: Agent, path: str, pieces: AsyncIterable[bytes]) -> AsyncIterator[int]:
    """Write `pieces` at the end of a guest's file; gives the bytes written after each step."""
    handle = await _opened(agent, path, "a")
    try:
        async for piece in pieces:
            for start in range(0, len(piece), WRITE_BYTES):
                part = piece[start : start + WRITE_BYTES]
                text = base64.b64encode(part).decode()
                await agent.command("guest-file-write", handle=handle, buf_b64=text)
                yield len(part)
    finally:
        await close_file(agent, handle)


async def sum_of(agent: Agent, path: str, length: int) -> str:
    """SHA-256 (hex) of the first `length` bytes of a guest's file; empty where the guest cannot tell."""
    result = await run(agent, ["sh", "-c", _SUM, "sh", path, str(length)], timeout_seconds=0)
    word = result.text.split(" ", 1)[0].lstrip("\\")
    return word if result.exit_code == 0 and len(word) == _HEX_DIGITS else ""


async def _opened(agent: Agent, path: str, mode: str) -> int:
    try:
        return await open_file(agent, path, mode)
    except ProblemError as error:
        if error.problem.code is not Code.GUEST_ERROR:
            raise
        doing = "read" if mode == "r" else "written"
        raise problem(
            Code.FILE_NOT_FOUND,
            f"{path} cannot be {doing} in the guest.",
            why=error.problem.why,
            next="Check the path in the guest.",
        ) from error
