"""The serial line of one machine while somebody holds it."""

from typing import Protocol


class Console(Protocol):
    """Bytes both ways. Raises ProblemError like a provider."""

    async def read(self) -> bytes:
        """What the guest printed since; waits for something. Empty once the line has ended."""

    async def write(self, data: bytes) -> None:
        """Type; returns when the line has taken it. Nothing happens once the line has ended."""

    async def close(self) -> None:
        """Let go of the line; the machine and its log go on."""
