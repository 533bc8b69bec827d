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

    following: int | None = None
    """The next piece, once there is one: the piece at hand grows no more then."""

    async def read(self) -> bytes:
        """What came since the last time; empty when nothing did."""
        if self.handle is None:
            self.handle = await opened(self.agent, f"{self.path}.{self.index}")
        while self.handle is not None:
            data, _ = await read_piece(self.agent, self.handle)
            self.seen = self.seen or bool(data)
            if data or not self.seen:
                return data
            if self.following is not None:
                await self._go_on(self.handle, self.following)
                continue
            # What came since the last look may be more than one answer: the piece is read on to its end.
            self.following = await opened(self.agent, f"{self.path}.{self.index + 1}")
            if self.following is None:
                break
        return b""

    async def _go_on(self, handle: int, following: int) -> None:
        """The piece at hand is read to its end: give it back, and turn to the next one."""
        await close_file(self.agent, handle)
        await write_file(self.agent, f"{self.path}.{self.index}", b"")
        self.index, self.handle, self.following, self.seen = self.index + 1, following, None, False

    async def close(self) -> None:
        """Give all handles back."""
        for handle in (self.handle, self.following):
            if handle is not None:
                await close_file(self.agent, handle)
        self.handle = self.following = None


async def opened(agent: Agent, path: str, mode: str = "r") -> int | None:
    """A handle of the guest's file; None while there is no such file."""
    try:
        return await open_file(agent, path, mode)
    except ProblemError as error:
        if error.problem.code is not Code.GUEST_ERROR:
            raise
        return None
