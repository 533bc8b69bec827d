"""Hand input to a guest's command that runs under `wrapper`, a few pieces ahead of it."""

import base64
from collections.abc import AsyncIterator

from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.execution import pauses
from clonebox_tui.guest.files import close_file, write_file
from clonebox_tui.guest.pieces import opened

_PIECE_BYTES = 256 * 1024
_AHEAD = 4


async def feed(agent: Agent, folder: str, stdin: AsyncIterator[bytes]) -> None:
    """Hand over all of `stdin` and close the command's input. Cancel it when the command has ended."""
    # Opened for reading and writing: a pipe without a reader would block the agent itself.
    turn = await _appeared(agent, f"{folder}/turn", "r+")
    try:
        index = 0
        async for data in stdin:
            for start in range(0, len(data), _PIECE_BYTES):
                await _gone(agent, f"{folder}/in.{index - _AHEAD}")
                await write_file(agent, f"{folder}/in.{index}", data[start : start + _PIECE_BYTES])
                await _tell(agent, turn, str(index))
                index += 1
        await _tell(agent, turn, "end")
    finally:
        await close_file(agent, turn)


async def _appeared(agent: Agent, path: str, mode: str) -> int:
    async for _ in pauses():
        handle = await opened(agent, path, mode)
        if handle is not None:
            return handle
    raise AssertionError("pauses never end")


async def _gone(agent: Agent, path: str) -> None:
    async for _ in pauses():
        handle = await opened(agent, path)
        if handle is None:
            return
        await close_file(agent, handle)


async def _tell(agent: Agent, turn: int, line: str) -> None:
    text = base64.b64encode(f"{line}\n".encode()).decode()
    await agent.command("guest-file-write", handle=turn, buf_b64=text)
    await agent.command("guest-file-flush", handle=turn)
