"""Read one output stream of a guest's command from the pieces that `wrapper` writes."""

from dataclasses import dataclass, field

from clonebox_tui.guest.agent import Agent
from clonebox_tui.guest.files import close_file, open_file, read_piece, write_file
from clonebox_tui.model.problem import Code, ProblemError


@dataclass
class OutputPieces:
    """One output stream, read piece by piece."""

    agent: Agent
    path: str
    index: int = 0
    handle: int | None = None
    seen: bool = field(default=False)
    """Whether the piece at hand had any bytes yet: only then can another follow it."""

    async def read(self) -> bytes:
        """What came since the last time; empty when nothing did."""
        if self.handle is None:
            self.handle = await opened(self.agent, f"{self.path}.{self.index}")
            if self.handle is None:
                return b""
        data, _ = await read_piece(self.agent, self.handle)
        self.seen = self.seen or bool(data)
        if data or not self.seen:
            return data
        return await self._next(self.handle)

    async def _next(self, handle: int) -> bytes:
        following = await opened(self.agent, f"{self.path}.{self.index + 1}")
        if following is None:
            return b""
        # A piece that has a successor grows no more: what came between is its end.
        rest, _ = await read_piece(self.agent, handle)
        await close_file(self.agent, handle)
        await write_file(self.agent, f"{self.path}.{self.index}", b"")
        self.index, self.handle, self.seen = self.index + 1, following, False
        return rest or (await read_piece(self.agent, following))[0]


async def opened(agent: Agent, path: str, mode: str = "r") -> int | None:
    """A handle of the guest's file; None while there is no such file."""
    try:
        return await open_file(agent, path, mode)
    except ProblemError as error:
        if error.problem.code is not Code.GUEST_ERROR:
            raise
        return None
